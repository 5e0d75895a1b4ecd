"""Change accounts (user.md)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from openslides_backend.actions.meeting_user.actions import waiting_speakers
from openslides_backend.actions.meeting_user.fields import group_needs
from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.shared.locking import LockingCase, check_locking, locking_needs
from openslides_backend.actions.shared.participation import participation_needs, participations
from openslides_backend.actions.user.fields import (
    DELEGATION_FIELDS,
    MEETING_FIELDS,
    PERSONAL_FIELDS,
    check_email,
    check_home_committee,
    check_username,
    clean_meeting_fields,
    differs,
    meeting_data,
    trim,
)
from openslides_backend.actions.user.last_admin import MEETING, check_last_admin_on_update
from openslides_backend.actions.user.limit import check_limit, limit_needs
from openslides_backend.actions.user.sessions import end_sessions
from openslides_backend.actions.user.unique import check_unique, unique_needs
from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results, Run
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import User
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import all_of, in_meeting, logged_in, when_given
from openslides_backend.permissions.user_fields import ACCOUNT_FIELDS, may_update_account
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField, PayloadError
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_INTERNAL_FIELDS = (
    "is_present_in_meeting_ids",
    "option_ids",
    "poll_candidate_ids",
    "poll_voted_ids",
    "vote_ids",
    "delegated_vote_ids",
    "history_entry_ids",
    "history_position_ids",
)
_STORED = (
    *PERSONAL_FIELDS,
    "organization_management_level",
    "committee_management_ids",
    "is_active",
    "saml_id",
    "password",
)


class _AccountUpdate(UpdateAction):
    """What changing accounts and changing the own one have in common."""

    model = User
    parts: ClassVar[tuple[Part, ...]] = (Stored(*_STORED),)

    def __init__(self, run: Run, *, nested: bool = False) -> None:
        super().__init__(run, nested=nested)
        self._before: dict[int, Fields] = {}

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        members = [meeting_data(element) for element in elements]
        return [
            *self.run.relations.needs(self.model, [self.stored_part(element) for element in elements]),
            *unique_needs(self.uow, elements),
            *self.run.relations.needs(self.run.models["meeting_user"], members),
            *group_needs(elements),
        ]

    def prepare(self, elements: list[Fields]) -> None:
        self.uow.load("user", [element["id"] for element in elements], "id", *_STORED)
        for index, element in enumerate(elements):
            with blaming(index):
                self._before[element["id"]] = self.uow.get("user", element["id"], *_STORED)
        check_unique(self.uow, elements)

    def check(self, element: Fields) -> None:
        check_email(element)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        work = [
            (index, {"user_id": element["id"], "meeting_id": element["meeting_id"], **data})
            for index, element in enumerate(elements)
            if (data := meeting_data(element))
        ]
        execute_for(self, "meeting_user.set_data", work)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            before, fqid = self._before[element["id"]], make_fqid("user", element["id"])
            if any(differs(before, element, name) for name in PERSONAL_FIELDS):
                self.tell(fqid, "Personal data changed")
            if differs(before, element, "organization_management_level"):
                self.tell(fqid, "Organization management level changed")
            if differs(before, element, "committee_management_ids"):
                self.tell(fqid, "Committee management changed")
            if differs(before, element, "is_active"):
                self.tell(fqid, "Set active" if element["is_active"] else "Set inactive")


class UserUpdate(_AccountUpdate):
    """Change accounts, each with its data in one meeting if they are given."""

    name = "user.update"
    payload = Payload(
        User, required=["id"], optional=[*ACCOUNT_FIELDS, *_INTERNAL_FIELDS], extra_optional=MEETING_FIELDS
    )
    permission = may_update_account
    parts = (OfMeeting(*MEETING, "committee_id", "default_group_id"),)

    def clean(self, element: Any) -> Fields:
        """As every action, with the rules of user_permissions.md, 14.1, and of meeting fields."""
        cleaned = super().clean(element)
        internal = [name for name in _INTERNAL_FIELDS if name in cleaned]
        if internal and not (self.nested or self.run.context.internal):
            raise PayloadError(f"{', '.join(internal)} can only be changed by the service itself.")
        clean_meeting_fields(cleaned)
        trim(cleaned)
        return cleaned

    def meeting_ids(self, element: Fields) -> list[int]:
        return [*super().meeting_ids(element), *(element.get("is_present_in_meeting_ids") or ())]

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        activating = any(element.get("is_active") for element in elements)
        return [
            *super().reads(elements),
            *locking_needs(self.run, self._locking_cases(elements)),
            *participation_needs(self.uow, self._pairs(elements)),
            *(limit_needs() if activating else []),
        ]

    def prepare(self, elements: list[Fields]) -> None:
        super().prepare(elements)
        check_last_admin_on_update(self.uow, elements)
        check_locking(self.run, self._locking_cases(elements))
        check_limit(self.uow, self._activations(elements))

    def fill(self, element: Fields) -> None:
        check_home_committee(element)
        if element.get("external"):
            element["home_committee_id"] = None
        elif element.get("home_committee_id"):
            element["external"] = False

    def check(self, element: Fields) -> None:
        before = self._before[element["id"]]
        super().check(element)
        if "username" in element:
            check_username(element["username"])
        if before.get("saml_id") and (element.get("can_change_own_password") or element.get("default_password")):
            raise InvalidField("default_password", "Who logs in by single sign-on has no password.")
        if element["id"] == self.run.user_id and before.get("organization_management_level") == "superadmin":
            self._check_own_account(element)
        if element.get("saml_id") and before.get("password"):
            element.update(can_change_own_password=False, default_password="", password="")

    @staticmethod
    def _check_own_account(element: Fields) -> None:
        level = "organization_management_level"
        if element.get(level, "superadmin") != "superadmin":
            raise InvalidField(level, "A superadmin can not withdraw the own level.")
        if not element.get("is_active", True):
            raise InvalidField("is_active", "A superadmin can not set himself inactive.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self._leave_meetings([element for element in elements if element.get("group_ids") == []])
        super().follow_up(elements)
        for element in elements:
            if not element.get("is_active", True) and self._before[element["id"]].get("is_active"):
                end_sessions(self.run, element["id"])

    def _leave_meetings(self, elements: Sequence[Fields]) -> None:
        """Who loses all groups of a meeting isn't waiting to speak there any more, nor present."""
        if not elements:
            return
        pairs = self._pairs(elements)
        ids = {member["id"] for member in participations(self.uow, pairs).values()}
        presence = GetMany("user", tuple(sorted({user for user, _ in pairs})), ("is_present_in_meeting_ids",))
        speakers_query = [filter_query("speaker", waiting_speakers(ids), "id")] if ids else []
        self.uow.prefetch([presence, *speakers_query])
        speakers = self.uow.filter("speaker", waiting_speakers(ids), "id") if ids else {}
        self.execute("speaker.delete", [{"id": id_} for id_ in speakers])
        self.execute("user.set_present", [self._absence(*pair) for pair in sorted(pairs) if self._is_present(*pair)])

    def _is_present(self, user_id: int, meeting_id: int) -> bool:
        user = self.uow.get("user", user_id, "is_present_in_meeting_ids")
        return meeting_id in (user.get("is_present_in_meeting_ids") or ())

    @staticmethod
    def _absence(user_id: int, meeting_id: int) -> Fields:
        return {"id": user_id, "meeting_id": meeting_id, "present": False}

    def _activations(self, elements: Sequence[Fields]) -> list[tuple[int, int]]:
        active = {id_: bool(user.get("is_active")) for id_, user in self._before.items()}
        steps = []
        for index, element in enumerate(elements):
            wanted = bool(element.get("is_active", active[element["id"]]))
            steps.append((index, wanted - active[element["id"]]))
            active[element["id"]] = wanted
        return steps

    @staticmethod
    def _pairs(elements: Sequence[Fields]) -> set[tuple[int, int]]:
        return {(e["id"], e["meeting_id"]) for e in elements if "meeting_id" in e and meeting_data(e)}

    @staticmethod
    def _locking_cases(elements: Sequence[Fields]) -> list[LockingCase]:
        return [LockingCase(i, element, element["id"], element.get("meeting_id")) for i, element in enumerate(elements)]


class UserUpdateSelf(_AccountUpdate):
    """Change the little that everybody may change of the own account, and the own delegations."""

    name = "user.update_self"
    payload = Payload(User, optional=["username", "pronoun", "gender_id", "email"], extra_optional=DELEGATION_FIELDS)
    permission = all_of(
        logged_in,
        when_given(
            ["vote_delegated_to_id", "vote_delegations_from_ids"],
            in_meeting(Permissions.User.CAN_EDIT_OWN_DELEGATION),
        ),
    )

    def clean(self, element: Any) -> Fields:
        """As every action, with the rules of user_permissions.md, 14.1; null is an empty list of delegations."""
        cleaned = super().clean(element)
        if cleaned.get("vote_delegations_from_ids", ()) is None:
            cleaned["vote_delegations_from_ids"] = []
        clean_meeting_fields(cleaned)
        trim(cleaned)
        return cleaned

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        own = [GetMany("user", (self.run.user_id,), ("id", *_STORED))] if self.run.user_id > 0 else []
        return [*super().reads(elements), *participation_needs(self.uow, self._pairs(elements)), *own]

    def work(self, elements: list[Fields]) -> Results:
        """As every update, of the request user."""
        if self.run.user_id <= 0:
            raise BadRequest("There is no user who could change himself.")
        return super().work([{**element, "id": self.run.user_id} for element in elements])

    def prepare(self, elements: list[Fields]) -> None:
        super().prepare(elements)
        members = participations(self.uow, self._pairs(elements))
        for index, element in enumerate(elements):
            received = members.get((self.run.user_id, element.get("meeting_id", 0)), {})
            added = {*element.get("vote_delegations_from_ids", ())} - {
                *(received.get("vote_delegations_from_ids") or ())
            }
            if added:
                with blaming(index):
                    raise InvalidField("vote_delegations_from_ids", "Delegations can be dropped only, not added.")

    def _pairs(self, elements: Sequence[Fields]) -> set[tuple[int, int]]:
        return {(self.run.user_id, e["meeting_id"]) for e in elements if "meeting_id" in e and meeting_data(e)}
