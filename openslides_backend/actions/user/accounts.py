"""Create, change and delete accounts (user.md)."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from openslides_backend.actions.meeting_user.delegation import DELEGATIONS
from openslides_backend.actions.meeting_user.leaving import PRESENT, leave_meetings, waiting_speakers
from openslides_backend.actions.shared.locked_out import LockedOut
from openslides_backend.actions.shared.participation import Pair, are_known, participation_needs, participations
from openslides_backend.actions.user.fields import (
    DELEGATION_SCHEMAS,
    PARTICIPANT_SCHEMAS,
    PERSONAL_FIELDS,
    account_pairs,
    check_email,
    check_home_committee,
    check_username,
    clean_account,
    differs,
)
from openslides_backend.actions.user.hashing import PasswordMaker
from openslides_backend.actions.user.last_admin import LastAdminIsNotDeleted, LastAdminStays
from openslides_backend.actions.user.parts import ParticipantData, UserLimit
from openslides_backend.actions.user.sessions import end_sessions
from openslides_backend.actions.user.unique import UniqueValues
from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Author, OfMeeting, Related, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.models import User
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import all_of, in_meeting, logged_in, when_given
from openslides_backend.permissions.user_fields import (
    ACCOUNT_FIELDS,
    may_act_on_account,
    may_create_account,
    may_update_account,
)
from openslides_backend.services.datastore import Query
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest, InvalidField, PayloadError
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_INTERNAL_FIELDS = (
    PRESENT,
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


_TOLD = {
    "Personal data changed": PERSONAL_FIELDS,
    "Organization management level changed": ("organization_management_level",),
    "Committee management changed": ("committee_management_ids",),
}
"""What is told of the change of which fields."""


class _AccountAction(Action):
    """The meetings that accounts are present in must not be archived, either."""

    parts: ClassVar[tuple[Part, ...]] = (Related(PRESENT, "is_active_in_organization_id", "name"), Author())

    def meeting_ids(self, element: Fields) -> list[int]:
        return [*super().meeting_ids(element), *(element.get(PRESENT) or ())]


class _Created(Part):
    """Told before anything that the dependent actions tell."""

    def follow_up(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.action.tell(make_fqid("user", element["id"]), "Account created")


class UserCreate(_AccountAction, CreateAction):
    """Create accounts, each with its data in one meeting if they are given."""

    name = "user.create"
    model = User
    payload = Payload(User, optional=[*ACCOUNT_FIELDS, PRESENT])
    permission = may_create_account
    parts = (
        UserLimit(by_default=True),
        UniqueValues(generates=True),
        LockedOut(new_users=True),
        _Created(),
    )
    participant = ParticipantData(PARTICIPANT_SCHEMAS)

    def clean(self, element: Any) -> Fields:
        """As every action, with the rules of user_permissions.md, 14.1, and of meeting fields."""
        cleaned = clean_account(super().clean(element))
        if not cleaned.get("username", ""):
            cleaned.pop("username", None)
        if cleaned.get(PRESENT, ()) is None:
            cleaned[PRESENT] = []
        return cleaned

    def check(self, element: Fields) -> None:
        check_username(element.get("username", ""))
        check_email(element)
        check_home_committee(element)
        if "saml_id" in element and element.get("default_password"):
            raise InvalidField("default_password", "Who logs in by single sign-on has no password.")

    def fill(self, element: Fields) -> None:
        if "saml_id" in element:
            element["can_change_own_password"] = False
        elif not element.get("default_password"):
            element["default_password"] = PasswordMaker(self.run).generate()

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Passwords come last, because they take long: nothing is hashed for elements that are refused."""
        PasswordMaker(self.run).set_all([(e["id"], e["default_password"]) for e in elements if "saml_id" not in e])

    def result(self, element: Fields) -> Fields | None:
        """The id, and that of the meeting_user if there is one."""
        meeting_user_id = self.participant.meeting_user_ids.get(element["id"])
        return {"id": element["id"], **({"meeting_user_id": meeting_user_id} if meeting_user_id else {})}


class _AccountUpdate(_AccountAction, UpdateAction):
    """What changing accounts and changing the own one have in common."""

    model = User
    parts: ClassVar[tuple[Part, ...]] = (Stored(*_STORED), UniqueValues())

    def prepare(self, elements: list[Fields]) -> None:
        self._before = self.uow.get_many("user", [element["id"] for element in elements], *_STORED)

    def check(self, element: Fields) -> None:
        check_email(element)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            before, fqid = self._before[element["id"]], make_fqid("user", element["id"])
            for text, names in _TOLD.items():
                if any(differs(before, element, name) for name in names):
                    self.tell(fqid, text)
            if differs(before, element, "is_active"):
                self.tell(fqid, "Set active" if element["is_active"] else "Set inactive")


class _LeftMeetings(Part):
    """Who loses all groups of a meeting isn't waiting to speak there any more, nor present."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        if not (left := self._left(elements)):
            return
        yield from participation_needs(self.uow, account_pairs(elements))
        yield models_query("user", (user_id for user_id, _ in left), PRESENT)
        if are_known(self.uow, account_pairs(elements)) and (ids := self._members(elements)):
            yield filter_query("speaker", waiting_speakers(ids), "id")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        if left := self._left(elements):
            leave_meetings(self.action, self._members(elements), left)

    def _members(self, elements: Sequence[Fields]) -> set[int]:
        """The meeting_users without groups."""
        members = participations(self.uow, account_pairs(elements))
        return {members[pair]["id"] for pair in self._left(elements) if pair in members}

    @staticmethod
    def _left(elements: Sequence[Fields]) -> list[Pair]:
        return sorted(account_pairs(element for element in elements if element.get("group_ids") == []))


class UserUpdate(_AccountUpdate):
    """Change accounts, each with its data in one meeting if they are given."""

    name = "user.update"
    payload = Payload(User, required=["id"], optional=[*ACCOUNT_FIELDS, *_INTERNAL_FIELDS])
    permission = may_update_account
    parts = (
        OfMeeting("default_group_id"),
        LastAdminStays(),
        LockedOut(),
        UserLimit(),
        _LeftMeetings(),
        ParticipantData(PARTICIPANT_SCHEMAS),
    )

    def clean(self, element: Any) -> Fields:
        """As every action, with the rules of user_permissions.md, 14.1, and of meeting fields."""
        cleaned = super().clean(element)
        internal = [name for name in _INTERNAL_FIELDS if name in cleaned]
        if internal and not (self.nested or self.run.context.internal):
            raise PayloadError(f"{', '.join(internal)} can only be changed by the service itself.", field=internal[0])
        return clean_account(cleaned)

    def check(self, element: Fields) -> None:
        super().check(element)
        stored = self.stored(element)
        if "username" in element:
            check_username(element["username"])
        if stored["saml_id"] and (element.get("can_change_own_password") or element.get("default_password")):
            raise InvalidField("default_password", "Who logs in by single sign-on has no password.")
        if element["id"] == self.run.user_id and stored["organization_management_level"] == "superadmin":
            _check_own_account(element)
        check_home_committee(element)

    def fill(self, element: Fields) -> None:
        if element.get("saml_id") and self.stored(element)["password"]:
            element.update(can_change_own_password=False, default_password="", password="")
        if element.get("external"):
            element["home_committee_id"] = None
        elif element.get("home_committee_id"):
            element["external"] = False

    def follow_up(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            if not element.get("is_active", True) and self._before[element["id"]]["is_active"]:
                end_sessions(self.run, element["id"])


class _DroppedDelegations(Part):
    """Who received delegations may drop them, but can't take more."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return participation_needs(self.uow, account_pairs(elements))

    def prepare(self, elements: list[Fields]) -> None:
        self._members = participations(self.uow, account_pairs(elements))

    def check(self, element: Fields) -> None:
        member = self._members.get((element["id"], element.get("meeting_id", 0)), {})
        if set(element.get("vote_delegations_from_ids", ())) - set(member.get("vote_delegations_from_ids") or ()):
            raise InvalidField("vote_delegations_from_ids", "Delegations can be dropped only, not added.")


def _check_own_account(element: Fields) -> None:
    level = "organization_management_level"
    if element.get(level, "superadmin") != "superadmin":
        raise InvalidField(level, "A superadmin can not withdraw the own level.")
    if not element.get("is_active", True):
        raise InvalidField("is_active", "A superadmin can not set himself inactive.")


class UserUpdateSelf(_AccountUpdate):
    """Change the little that everybody may change of the own account, and the own delegations."""

    name = "user.update_self"
    payload = Payload(User, optional=["username", "pronoun", "gender_id", "email"])
    permission = all_of(
        logged_in,
        when_given(
            DELEGATIONS,
            in_meeting(Permissions.User.CAN_EDIT_OWN_DELEGATION),
        ),
    )
    parts = (_DroppedDelegations(), ParticipantData(DELEGATION_SCHEMAS))

    def clean(self, element: Any) -> Fields:
        """As every action, of the request user; null is an empty list of delegations."""
        cleaned = super().clean(element)
        if self.run.user_id < ANONYMOUS:
            raise BadRequest("There is no user who could change himself.")
        if self.run.user_id > ANONYMOUS:
            cleaned["id"] = self.run.user_id
        if cleaned.get("vote_delegations_from_ids", ()) is None:
            cleaned["vote_delegations_from_ids"] = []
        return clean_account(cleaned)


class UserDelete(DeleteAction):
    """Delete accounts with their meeting_users; votes, speeches and the like stay without them."""

    name = "user.delete"
    model = User
    payload = Payload(User, required=["id"])
    permission = may_act_on_account(Permissions.User.CAN_MANAGE)
    archived_exempt = True
    parts = (LastAdminIsNotDeleted(), Author())

    def check(self, element: Fields) -> None:
        if element["id"] == self.run.user_id:
            raise InvalidField("id", "You can not delete yourself.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("user", element["id"]), "Account deleted")
