"""Create polls (poll.md, poll.create)."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.poll.letters import (
    ANALOG,
    DECIMAL,
    FIELDS,
    GLOBAL_AMOUNTS,
    NAMED,
    SECRET,
    TOTALS,
    letters_of,
)
from openslides_backend.actions.poll.options import CANDIDATES, CONTENTS
from openslides_backend.actions.poll.rules import may_create_poll
from openslides_backend.actions.poll.settings import (
    AMOUNTS,
    check_amounts,
    check_base,
    check_groups,
    check_live_voting,
)
from openslides_backend.actions.poll.told import PollHistory
from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import OfMeeting, Organization
from openslides_backend.engine.payload import BOOLEAN, IDS, Payload, Schema
from openslides_backend.models.fields import FQID_PATTERN
from openslides_backend.models.models import Poll
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import is_fqid, split_fqid
from openslides_backend.shared.typing import Fields
from openslides_backend.voting.ballot import GLOBAL_FLAGS
from openslides_backend.voting.counting import UNDOCUMENTED, ZERO

_OPTIONS: Schema = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "content_object_id": {"type": ["string", "null"], "pattern": FQID_PATTERN},
            CANDIDATES: IDS,
            **dict.fromkeys(FIELDS, DECIMAL),
        },
        "additionalProperties": False,
    },
}
_OPTION_KEYS = dict.fromkeys((*CONTENTS, *FIELDS.values()), "options")
_GLOBAL_TEXT = "global option"


class _NewOptions(Part):
    """The options of new polls, the global one last."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.reads_of("option.create", *self._planned(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return self.run.reserves_of("option.create", *self._planned(elements))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        work = [(index, option) for index, element in enumerate(elements) for option in _options(element)]
        execute_for(self.action, "option.create", work, _OPTION_KEYS)

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        options = [(option, self.action.meeting_id(element)) for element in elements for option in _options(element)]
        return [option for option, _ in options], [meeting_id for _, meeting_id in options]


def _options(element: Fields) -> list[Fields]:
    """The options as `option.create` wants them, as far as they are known."""
    analog, poll_id = element["type"] == ANALOG, element.get("id")
    common = {"meeting_id": element["meeting_id"]}
    options: list[Fields] = []
    for weight, given in enumerate(element["options"], start=1):
        option = {name: given[name] for name in CONTENTS if name in given}
        if analog:
            option |= {FIELDS[letter]: given.get(letter, UNDOCUMENTED) for letter in letters_of(element["pollmethod"])}
        options.append({**option, **common, "weight": weight, **({"poll_id": poll_id} if poll_id else {})})
    glob: Fields = {"text": _GLOBAL_TEXT, "weight": 1, **common}
    if analog:
        flagged = [letter for letter, flag in GLOBAL_FLAGS.items() if element.get(flag)]
        glob |= {FIELDS[letter]: element.get(GLOBAL_AMOUNTS[letter], UNDOCUMENTED) for letter in flagged}
    return [*options, {**glob, **({"used_as_global_option_in_poll_id": poll_id} if poll_id else {})}]


class PollCreate(CreateAction):
    """Create a poll with its options; an analog one with results is finished at once."""

    name = "poll.create"
    model = Poll
    payload = Payload(
        Poll,
        required=["title", "type", "pollmethod", "meeting_id", "content_object_id"],
        not_null=[*AMOUNTS, "onehundred_percent_base", "backend"],
        optional=["description", *GLOBAL_FLAGS.values(), *TOTALS, "entitled_group_ids", "live_voting_enabled"],
        extra_required={"options": _OPTIONS},
        extra_optional={"publish_immediately": BOOLEAN, **dict.fromkeys(GLOBAL_AMOUNTS.values(), DECIMAL)},
    )
    permission = may_create_poll
    organization = Organization("enable_electronic_voting")
    parts = (OfMeeting("anonymous_group_id"), _NewOptions(), PollHistory("created", touching=False))

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        motions = tuple(id_ for element in elements if (id_ := _motion_id(element)) is not None)
        yield GetMany("motion", motions, ("id", "state_id"))
        found = [self.uow.peek("motion", id_, "state_id") for id_ in motions]
        states = {motion["state_id"] for motion in found if motion and motion["state_id"] is not None}
        yield GetMany("motion_state", tuple(sorted(states)), ("id", "allow_create_poll"))

    def check_early(self, elements: Sequence[Fields]) -> None:
        for index, element in enumerate(elements):
            with blaming(index):
                check_amounts(element)

    def check(self, element: Fields) -> None:
        self._check_type(element)
        check_base(element["onehundred_percent_base"], element["pollmethod"], element["type"])
        self._check_motion(element)
        _check_options(element["options"])
        check_groups(element.get("entitled_group_ids"), self.meeting(element)["anonymous_group_id"])

    def fill(self, element: Fields) -> None:
        analog = element["type"] == ANALOG
        counted = any(element.get(name) is not None for name in TOTALS)
        counted |= any(letter in option for option in element["options"] for letter in FIELDS)
        element["state"] = "created"
        if analog and counted:
            element["state"] = "published" if element.get("publish_immediately") is True else "finished"
        element["is_pseudoanonymized"] = element["type"] == SECRET
        for name in TOTALS:
            element.setdefault(name, UNDOCUMENTED if analog else ZERO)

    def _check_type(self, element: Fields) -> None:
        analog = element["type"] == ANALOG
        if element["type"] in (NAMED, SECRET) and not self.organization.record["enable_electronic_voting"]:
            raise InvalidField("type", "electronic voting is not enabled.")
        check_live_voting(element.get("live_voting_enabled"), element["type"], element["content_object_id"])
        others = ("entitled_group_ids",) if analog else ("publish_immediately", *GLOBAL_AMOUNTS.values())
        for name in others:
            if name in element:
                raise InvalidField(name, f"polls of the type '{element['type']}' don't have it.")

    def _check_motion(self, element: Fields) -> None:
        motion_id = _motion_id(element)
        if motion_id is None:
            return
        state_id = self.uow.get("motion", motion_id, "state_id")["state_id"]
        state = None if state_id is None else self.uow.find("motion_state", state_id, "allow_create_poll")
        if not state or not state["allow_create_poll"]:
            raise InvalidField("content_object_id", "the state of the motion doesn't allow polls.")


def _motion_id(element: Fields) -> int | None:
    content_object_id = element.get("content_object_id")
    if content_object_id is None or not is_fqid(content_object_id):
        return None
    collection, id_ = split_fqid(content_object_id)
    return id_ if collection == "motion" else None


def _check_options(options: Sequence[Fields]) -> None:
    """Raises InvalidField if an option isn't just one thing, or two are the same."""
    seen: set[tuple[str, object]] = set()
    for option in options:
        given = [name for name in CONTENTS if name in option]
        if len(given) != 1:
            raise InvalidField("options", f"each needs exactly one of {', '.join(CONTENTS)}.")
        value = option[given[0]]
        key = given[0], tuple(value) if isinstance(value, list) else value
        if key in seen:
            raise InvalidField("options", "no two may be the same.")
        seen.add(key)
