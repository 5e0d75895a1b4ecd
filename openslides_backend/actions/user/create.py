"""Create accounts (user.md)."""

from collections.abc import Mapping, Sequence
from typing import Any

from openslides_backend.actions.meeting_user.fields import group_needs
from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.locking import LockingCase, check_locking
from openslides_backend.actions.user.fields import (
    MEETING_FIELDS,
    check_email,
    check_home_committee,
    check_username,
    clean_meeting_fields,
    meeting_data,
    trim,
)
from openslides_backend.actions.user.hashing import PasswordMaker
from openslides_backend.actions.user.limit import check_limit, limit_needs
from openslides_backend.actions.user.unique import check_unique, name_base, unique_needs
from openslides_backend.engine.action import blaming
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import OfMeeting
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Run
from openslides_backend.models.models import User
from openslides_backend.permissions.user_fields import ACCOUNT_FIELDS, may_create_account
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class UserCreate(CreateAction):
    """Create accounts, each with its data in one meeting if they are given."""

    name = "user.create"
    model = User
    payload = Payload(User, optional=[*ACCOUNT_FIELDS, "is_present_in_meeting_ids"], extra_optional=MEETING_FIELDS)
    permission = may_create_account
    parts = (OfMeeting("committee_id"),)

    def __init__(self, run: Run, *, nested: bool = False) -> None:
        super().__init__(run, nested=nested)
        self._meeting_user_ids: dict[int, int] = {}

    def clean(self, element: Any) -> Fields:
        """As every action, with the rules of user_permissions.md, 14.1, and of meeting fields."""
        cleaned = super().clean(element)
        clean_meeting_fields(cleaned)
        trim(cleaned)
        if not cleaned.get("username", ""):
            cleaned.pop("username", None)
        if cleaned.get("is_present_in_meeting_ids", ()) is None:
            cleaned["is_present_in_meeting_ids"] = []
        return cleaned

    def meeting_ids(self, element: Fields) -> list[int]:
        return [*super().meeting_ids(element), *element.get("is_present_in_meeting_ids", ())]

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        present = {id_ for element in elements for id_ in element.get("is_present_in_meeting_ids", ())}
        meetings = [GetMany("meeting", tuple(sorted(present)), ("id", "is_active_in_organization_id", "name"))]
        names = [
            self._name_base(element, strict=False) or (None if "username" in element else element.get("saml_id"))
            for element in elements
        ]
        of_meetings = self.run.relations.needs(self.run.models["meeting_user"], map(meeting_data, elements))
        return [
            *super().reads(elements),
            *limit_needs(),
            *unique_needs(self.uow, elements, names),
            *of_meetings,
            *group_needs(elements),
            *(meetings if present else []),
        ]

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return {**super().reserves(elements), "meeting_user": sum(1 for element in elements if meeting_data(element))}

    def prepare(self, elements: list[Fields]) -> None:
        check_limit(self.uow, [(index, 1) for index, element in enumerate(elements) if element.get("is_active")])
        bases: list[str | None] = []
        for index, element in enumerate(elements):
            with blaming(index):
                bases.append(self._name_base(element))
                if bases[-1] is None and "username" not in element:
                    element["username"] = element["saml_id"]
        check_unique(self.uow, elements, bases)
        check_locking(
            self.run,
            [LockingCase(index, element, None, element.get("meeting_id")) for index, element in enumerate(elements)],
        )

    def fill(self, element: Fields) -> None:
        if "saml_id" in element:
            if element.get("default_password"):
                raise InvalidField("default_password", "Who logs in by single sign-on has no password.")
            element["can_change_own_password"] = False
        elif not element.get("default_password"):
            element["default_password"] = PasswordMaker(self.run).generate()

    def check(self, element: Fields) -> None:
        check_username(element["username"])
        check_email(element)
        check_home_committee(element)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("user", element["id"]), "Account created")
        work = [
            (index, {"user_id": element["id"], "meeting_id": element["meeting_id"], **data})
            for index, element in enumerate(elements)
            if (data := meeting_data(element))
        ]
        results = execute_for(self, "meeting_user.set_data", work)
        for (index, _), result in zip(work, results, strict=True):
            self._meeting_user_ids[elements[index]["id"]] = (result or {})["id"]
        self._set_passwords([element for element in elements if "saml_id" not in element])

    def result(self, element: Fields) -> Fields | None:
        """The id, and that of the meeting_user if there is one."""
        meeting_user_id = self._meeting_user_ids.get(element["id"])
        return {"id": element["id"], **({"meeting_user_id": meeting_user_id} if meeting_user_id else {})}

    def _set_passwords(self, elements: Sequence[Fields]) -> None:
        """Last, because it takes long: nothing is hashed for elements that are refused."""
        hashes = PasswordMaker(self.run).hash_all([element["default_password"] for element in elements])
        for element, hash_ in zip(elements, hashes, strict=True):
            self.uow.update("user", element["id"], {"password": hash_})

    @staticmethod
    def _name_base(element: Fields, *, strict: bool = True) -> str | None:
        """What a username has to be made of; None if it is given, or is the one of single sign-on."""
        if "username" in element or element.get("saml_id"):
            return None
        try:
            return name_base(element)
        except BadRequest:
            if strict:
                raise
            return None
