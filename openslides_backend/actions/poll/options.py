"""Options of polls (option_vote.md)."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.poll.letters import ANALOG, DECIMAL, FIELDS, letters_of
from openslides_backend.actions.poll.rules import may_update_option
from openslides_backend.actions.poll.votes import new_token
from openslides_backend.engine.action import Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import BOOLEAN, IDS, Payload
from openslides_backend.models.models import Option
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields
from openslides_backend.voting.ballot import GLOBAL_FLAGS
from openslides_backend.voting.counting import UNDOCUMENTED

CANDIDATES = "poll_candidate_user_ids"
CONTENTS = ("text", "content_object_id", CANDIDATES)
"""What an option may be: each has exactly one of these keys."""

_GLOBAL = "used_as_global_option_in_poll_id"
_POLLS = (_GLOBAL, "poll_id")
_POLL_FIELDS = ("type", "pollmethod", "state", *GLOBAL_FLAGS.values())


class OptionCreate(CreateAction):
    """Create options, with a vote for each result that is given, and with their lists of candidates."""

    name = "option.create"
    model = Option
    payload = Payload(
        Option,
        required=["meeting_id"],
        optional=["text", "content_object_id", *_POLLS, *FIELDS.values(), "weight"],
        extra_optional={CANDIDATES: IDS},
    )
    visibility = Visibility.BACKEND_INTERNAL

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.reads_of("poll_candidate_list.create", *self._planned_lists(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        votes = sum(len(_votes(element)) for element in elements)
        return {**self.run.reserves_of("poll_candidate_list.create", *self._planned_lists(elements)), "vote": votes}

    def check(self, element: Fields) -> None:
        if sum(key in element for key in CONTENTS) != 1:
            raise BadRequest(f"An option must have exactly one of {', '.join(CONTENTS)}.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        votes, blamed = [], []
        for index, element in enumerate(elements):
            own = {"option_id": element["id"], "user_token": new_token()}
            for vote in _votes(element):
                votes.append({**vote, **own})
                blamed.append(index)
        self.execute("vote.create", votes, blamed)
        wanted = [index for index, element in enumerate(elements) if CANDIDATES in element]
        lists = [
            {"option_id": elements[i]["id"], "meeting_id": elements[i]["meeting_id"], "entries": _entries(elements[i])}
            for i in wanted
        ]
        self.execute("poll_candidate_list.create", lists, wanted)

    def _planned_lists(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        wanted = [element for element in elements if CANDIDATES in element]
        return [{"entries": _entries(e)} for e in wanted], [self.meeting_id(element) for element in wanted]


def _votes(element: Fields) -> list[Fields]:
    return [
        {"value": letter, "weight": element[field]}
        for letter, field in FIELDS.items()
        if element.get(field) is not None
    ]


def _entries(element: Fields) -> list[Fields]:
    return [{"user_id": id_, "weight": weight} for weight, id_ in enumerate(element[CANDIDATES], start=1)]


class OptionUpdate(UpdateAction):
    """Enter or correct the results of options of analog polls; what is left out is written as not documented."""

    name = "option.update"
    model = Option
    payload = Payload(
        Option,
        required=["id"],
        extra_optional={**dict.fromkeys(FIELDS, DECIMAL), "publish_immediately": BOOLEAN},
    )
    permission = may_update_option
    parts = (Stored(*_POLLS, "vote_ids"),)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        options = [self.uow.peek("option", element["id"], *self.stored_names) for element in elements]
        known = [option for option in options if option is not None]
        polls = {id_ for option in known if (id_ := _poll_id(option)) is not None}
        votes = {id_ for option in known for id_ in option["vote_ids"] or ()}
        return [
            GetMany("poll", tuple(sorted(polls)), _POLL_FIELDS),
            GetMany("vote", tuple(sorted(votes)), ("id", "value")),
        ]

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return {"vote": len(FIELDS) * len(elements)}

    def check(self, element: Fields) -> None:
        poll = self._poll(element)
        given = [letter for letter in FIELDS if letter in element]
        if given and poll["type"] != ANALOG:
            raise InvalidField(given[0], "only analog polls are counted by hand.")
        for letter in given:
            if letter not in self._letters(element, poll):
                raise InvalidField(letter, "the poll doesn't have this vote here.")

    def fill(self, element: Fields) -> None:
        poll = self._poll(element)
        if poll["type"] == ANALOG:
            for letter in self._letters(element, poll):
                element[FIELDS[letter]] = element.get(letter, UNDOCUMENTED)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        updated, created = [], []
        for element in {element["id"]: element for element in elements}.values():
            old, token = self._votes_by_letter(element), new_token()
            for letter, field in FIELDS.items():
                if field not in element:
                    continue
                if letter in old:
                    updated.append({"id": old[letter], "weight": element[field]})
                else:
                    vote = {"option_id": element["id"], "user_token": token}
                    created.append({**vote, "value": letter, "weight": element[field]})
        self.execute("vote.update", updated)
        self.execute("vote.create", created)
        self._set_states(elements)

    def _set_states(self, elements: Sequence[Fields]) -> None:
        states: dict[int, str] = {}
        for element in elements:
            poll_id, poll = self._poll_id(element), self._poll(element)
            old = states.get(poll_id, poll["state"])
            publish = element.get("publish_immediately") is True
            counted = old == "finished" or (old == "created" and any(letter in element for letter in FIELDS))
            if poll["type"] == ANALOG and counted and (publish or old == "created"):
                states[poll_id] = "published" if publish else "finished"
        self.execute("poll.set_state", [{"id": id_, "state": state} for id_, state in states.items()])

    def _poll_id(self, element: Fields) -> int:
        poll_id: int = self.checked(_poll_id(self.stored(element)), "The option belongs to no poll.")
        return poll_id

    def _poll(self, element: Fields) -> Record:
        return self.uow.get("poll", self._poll_id(element), *_POLL_FIELDS)

    def _letters(self, element: Fields, poll: Record) -> Sequence[str]:
        """What may be told about the option; all of it is written."""
        if self.stored(element)[_GLOBAL] is None:
            return letters_of(poll["pollmethod"])
        single = len(letters_of(poll["pollmethod"])) == 1
        return [letter for letter, flag in GLOBAL_FLAGS.items() if single and poll[flag] is True]

    def _votes_by_letter(self, element: Fields) -> dict[str, int]:
        votes = self.uow.get_many("vote", self.stored(element)["vote_ids"] or (), "id", "value")
        return {vote["value"]: id_ for id_, vote in reversed(votes.items())}


def _poll_id(option: Record) -> int | None:
    return next((option[name] for name in _POLLS if option[name] is not None), None)


class OptionSetAutoFields(UpdateAction):
    """Store the result of options."""

    name = "option.set_auto_fields"
    model = Option
    payload = Payload(Option, required=["id"], optional=FIELDS.values())
    visibility = Visibility.BACKEND_INTERNAL

    def check(self, element: Fields) -> None:
        if all(element.get(field) is None for field in FIELDS.values()):
            raise BadRequest(f"One of {', '.join(FIELDS.values())} must be given.")


class OptionDelete(DeleteAction):
    """Delete options with their votes, and the candidate lists that are voted on."""

    name = "option.delete"
    model = Option
    payload = Payload(Option, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL

    def follow_up(self, elements: Sequence[Fields]) -> None:
        lists = []
        for element in elements:
            content_object = self.uow.last_value("option", element["id"], "content_object_id")
            if content_object is not None and content_object.startswith("poll_candidate_list/"):
                lists.append(split_fqid(content_object)[1])
        self.uow.load("poll_candidate_list", lists, "id")
        live = [{"id": id_} for id_ in lists if self.uow.is_live("poll_candidate_list", id_)]
        self.execute("poll_candidate_list.delete", live)
