"""Change polls (poll.md, poll.update and poll.set_state)."""

from collections.abc import Sequence
from typing import Any

from openslides_backend.actions.poll.letters import ANALOG, TOTALS
from openslides_backend.actions.poll.rules import may_manage_poll
from openslides_backend.actions.poll.settings import (
    AMOUNTS,
    check_amounts,
    check_base,
    check_groups,
    check_live_voting,
)
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.engine.action import Visibility, blaming
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import BOOLEAN, Payload
from openslides_backend.models.models import Poll
from openslides_backend.shared.exceptions import InvalidField, ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, ReadOnlyFields
from openslides_backend.voting.ballot import GLOBAL_FLAGS
from openslides_backend.voting.counting import UNDOCUMENTED

_ENTITLED = "entitled_users_at_stop"
_KEPT_OF_ENTITLED = ("voted", "present", "vote_delegated_to_user_id")
_BEFORE_START = ("pollmethod", *AMOUNTS, *GLOBAL_FLAGS.values(), "backend", "live_voting_enabled")
_STORED = ("type", "state", "pollmethod", "content_object_id", _ENTITLED, *AMOUNTS)


class PollUpdate(UpdateAction):
    """Change the settings of a poll, or enter the totals of an analog one, which finishes it.

    The totals of an analog poll that are left out are not documented any more, whatever else is changed.
    """

    name = "poll.update"
    model = Poll
    payload = Payload(
        Poll,
        required=["id"],
        not_null=["title", "pollmethod", *AMOUNTS, "onehundred_percent_base", "backend"],
        optional=[
            "description",
            *GLOBAL_FLAGS.values(),
            *TOTALS,
            "entitled_group_ids",
            "live_voting_enabled",
            _ENTITLED,
        ],
        extra_optional={"publish_immediately": BOOLEAN},
    )
    permission = may_manage_poll
    parts = (OfMeeting("anonymous_group_id"), Stored(*_STORED), PollHistory("updated"))

    def check_early(self, elements: Sequence[Fields]) -> None:
        for index, element in enumerate(elements):
            with blaming(index):
                stored = self.uow.find("poll", element["id"], *self.stored_names)
                if stored is None:
                    raise ModelDoesNotExist(make_fqid("poll", element["id"]))
                check_amounts({name: element.get(name, stored[name]) for name in AMOUNTS})
                if _ENTITLED in element and not (self.nested or self.run.context.internal):
                    raise InvalidField(_ENTITLED, "only the service itself may change it.")

    def check(self, element: Fields) -> None:
        stored = self.stored(element)
        if _ENTITLED in element:
            _check_entitled(element[_ENTITLED], stored[_ENTITLED])
        if "onehundred_percent_base" in element:
            method = element.get("pollmethod", stored["pollmethod"])
            check_base(element["onehundred_percent_base"], method, stored["type"])
        _check_keys(element, stored)
        check_live_voting(element.get("live_voting_enabled"), stored["type"], stored["content_object_id"])
        check_groups(element.get("entitled_group_ids"), self.meeting(element)["anonymous_group_id"])

    def fill(self, element: Fields) -> None:
        stored = self.stored(element)
        if stored["type"] != ANALOG:
            return
        state = stored["state"]
        if state == "created" and any(element.get(name) is not None for name in TOTALS):
            state = "finished"
        if state == "finished" and element.get("publish_immediately") is True:
            state = "published"
        if state != stored["state"]:
            element["state"] = state
        for name in TOTALS:
            element.setdefault(name, UNDOCUMENTED)


def _check_keys(element: ReadOnlyFields, stored: Record) -> None:
    """Raises InvalidField for what can't be changed in this state, or in a poll of this type."""
    analog = stored["type"] == ANALOG
    refused = ("entitled_group_ids",) if analog else (*TOTALS, "publish_immediately")
    for name in refused:
        if name in element:
            raise InvalidField(name, f"polls of the type '{stored['type']}' don't have it.")
    for name in (*_BEFORE_START, "entitled_group_ids"):
        if name in element and stored["state"] != "created":
            raise InvalidField(name, f"it can't be changed in the state '{stored['state']}'.")


def _check_entitled(new: Any, old: Any) -> None:
    """Raises InvalidField unless it is the same as before, but for what is added to the entries."""
    try:
        changed = {entry["user_id"]: [entry.get(name) for name in _KEPT_OF_ENTITLED] for entry in new}
        stored = {entry["user_id"]: [entry.get(name) for name in _KEPT_OF_ENTITLED] for entry in old}
    except (AttributeError, KeyError, TypeError):
        raise InvalidField(_ENTITLED, "it must be a list of users, and the poll must have one.") from None
    if changed != stored or not isinstance(new, list):
        raise InvalidField(_ENTITLED, "nobody may be added, removed or have another vote.")


class PollSetState(UpdateAction):
    """Store the state of a poll, whatever it was."""

    name = "poll.set_state"
    model = Poll
    payload = Payload(Poll, required=["id"], not_null=["state"])
    visibility = Visibility.BACKEND_INTERNAL
