"""Who is present in a meeting (user.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Matching, Stored, ids_in, same
from openslides_backend.engine.payload import BOOLEAN, ID, Payload
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import User
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, both
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, level_of, manages_meeting
from openslides_backend.permissions.rules import Inquiry, Verdict, any_of, in_meeting, rule
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_PRESENCE = "is_present_in_meeting_ids"


@rule
def manages_users_from_outside(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The meeting isn't locked from inside, and the user manages users or the meeting's committee."""
    meeting_id = element.id("meeting_id")
    meeting = yield from existing("meeting", meeting_id, "locked_from_inside")
    if meeting.get("locked_from_inside"):
        return f"Meeting {meeting_id} is locked from inside."
    level, manages = yield from both(level_of(inquiry.user_id), manages_meeting(inquiry.user_id, meeting_id))
    if level >= Level.CAN_MANAGE_USERS or manages:
        return None
    return "Missing organization management level: can_manage_users."


@rule
def sets_himself_present(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """It is the own presence, and the meeting lets everybody say so."""
    meeting = yield from existing("meeting", element.id("meeting_id"), "users_allow_self_set_present")
    own = inquiry.user_id > 0 and element.optional_id("id") == inquiry.user_id
    return None if own and meeting.get("users_allow_self_set_present") else "It is not your own presence."


def set_presence(action: Action, user_id: int, meeting_id: int, present: bool | None) -> bool:
    """Set a user present or not (None: the opposite of what he is); whether that changed anything.

    Raises ModelDoesNotExist.
    """
    stored = action.uow.get("user", user_id, _PRESENCE).get(_PRESENCE) or []
    is_present = meeting_id in stored
    action.uow.get("meeting", meeting_id, "id")
    if present is is_present:
        return False
    meetings = [id_ for id_ in stored if id_ != meeting_id] if is_present else [*stored, meeting_id]
    action.run.relations.update(User, user_id, {_PRESENCE: meetings})
    return True


class UserSetPresent(Action):
    """Set users present in a meeting, or not; they need not take part in it."""

    name = "user.set_present"
    model = User
    payload = Payload(User, required=["id"], extra_required={"meeting_id": ID, "present": BOOLEAN})
    permission = any_of(
        in_meeting(Permissions.User.CAN_MANAGE_PRESENCE), manages_users_from_outside, sets_himself_present
    )
    result_is_null = True
    parts = (Stored(_PRESENCE),)

    def prepare(self, elements: list[Fields]) -> None:
        self._changed = False

    def apply(self, element: Fields) -> None:
        """Set the user present or not."""
        self._changed |= set_presence(self, element["id"], element["meeting_id"], element["present"])

    def tell_history(self, elements: Sequence[Fields]) -> None:
        """The last state of every user, if anything changed at all."""
        last = {element["id"]: element for element in elements} if self._changed else {}
        for user_id, element in last.items():
            text = "Set present in meeting {}" if element["present"] else "Set not present in meeting {}"
            self.tell(make_fqid("user", user_id), text, make_fqid("meeting", element["meeting_id"]))


class UserTogglePresenceByNumber(Action):
    """Set the participant with a number present or not, whatever he isn't."""

    name = "user.toggle_presence_by_number"
    model = User
    payload = Payload(User, extra_required={"meeting_id": ID, "number": {"type": "string"}})
    permission = any_of(in_meeting(Permissions.User.CAN_UPDATE), manages_users_from_outside)

    numbered = Matching("meeting_user", same("meeting_id", "number"), "user_id")

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        queries = list(self.numbered.reads(elements))
        members = [] if self.uow.unknown(queries) else [m for e in elements for m in self.numbered.of(e).values()]
        return [models_query("user", ids_in(members, "user_id"), "id", _PRESENCE)]

    def check(self, element: Fields) -> None:
        found = list(self.numbered.of(element).values())
        if len(found) != 1:
            raise InvalidField("number", f"There must be exactly one participant with it, but there are {len(found)}.")
        if found[0]["user_id"] is None:
            raise InvalidField("number", "The participant has no user.")

    def apply(self, element: Fields) -> None:
        """Set the user present or not."""
        set_presence(self, self._user_id(element), element["meeting_id"], None)

    def result(self, element: Fields) -> Fields | None:
        """The id of the user."""
        return {"id": self._user_id(element)}

    def _user_id(self, element: Fields) -> int:
        (member,) = self.numbered.of(element).values()
        return int(member["user_id"])
