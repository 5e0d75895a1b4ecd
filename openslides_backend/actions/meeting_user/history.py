"""What is told about changed participants (meeting_user.md, "History of changes")."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_DATA = ("structure_level_ids", "number", "vote_weight")
_TO, _FROM = "vote_delegated_to_id", "vote_delegations_from_ids"


class ParticipantHistory(Part):
    """Entries about the users, compared with what was stored before the batch; equal ones about a user count once.

    At most two reads. `created` are the ids of those that the action has just created.
    """

    created: Collection[int] = ()

    def tell_history(self, elements: Sequence[Fields]) -> None:
        self._load(elements)
        self._entries: dict[str, dict[tuple[str, ...], None]] = {}
        for element in elements:
            self._tell_one(element)
        for fqid, entries in self._entries.items():
            for entry in entries:
                self.action.tell(fqid, *entry)

    def _load(self, elements: Sequence[Fields]) -> None:
        known = [element for element in elements if element["id"] not in self.created]
        ids = [element["id"] for element in known]
        self.uow.load("meeting_user", ids, "user_id", "meeting_id", *_DATA, "group_ids", _TO, _FROM)
        stored = ({name: self._stored(element["id"], name) for name in (_TO, _FROM)} for element in elements)
        others = ids_in([*elements, *stored], _TO, _FROM)
        self.uow.load("meeting_user", others, "user_id", _TO)
        former = [self._stored(other, _TO) for other in others]
        meetings = [self._value(element["id"], "meeting_id") for element in known if "group_ids" in element]
        queries = [
            models_query("meeting_user", former, "user_id"),
            models_query("meeting", meetings, "default_group_id"),
        ]
        self.uow.prefetch(queries)

    def _tell_one(self, element: Fields) -> None:
        meeting_id = self._value(element["id"], "meeting_id")
        user, meeting = self._user(element["id"]), make_fqid("meeting", meeting_id)
        if element["id"] in self.created:
            if element.keys() & {"group_ids", "structure_level_ids"}:
                self._add(user, *added_to_meeting(element, meeting_id))
        else:
            if any(self._differs(element, name) for name in _DATA):
                self._add(user, "Participant data updated in meeting {}", meeting)
            if self._differs(element, "group_ids"):
                self._tell_groups(element, user, meeting_id)
        if self._differs(element, _TO):
            self._tell_representative(element, user, meeting)
        if self._differs(element, _FROM):
            self._tell_represented(element, user, meeting)

    def _tell_groups(self, element: Fields, user: str, meeting_id: int) -> None:
        meeting = make_fqid("meeting", meeting_id)
        default = self.uow.find_fields("meeting", meeting_id, "default_group_id")["default_group_id"]
        added, removed = ([id_ for id_ in ids if id_ != default] for ids in self._compared(element, "group_ids"))
        if added and removed:
            self._add(user, "Groups changed")
        elif not element["group_ids"] and len(removed) != 1:
            self._add(user, "Participant removed from meeting {}", meeting)
        elif added:
            self._tell_group(user, "Participant added to", added, meeting)
        elif removed:
            self._tell_group(user, "Participant removed from", removed, meeting)

    def _tell_group(self, user: str, text: str, groups: Sequence[int], meeting: str) -> None:
        if len(groups) == 1:
            self._add(user, f"{text} group {{}} in meeting {{}}", make_fqid("group", groups[0]), meeting)
        else:
            self._add(user, f"{text} multiple groups in meeting {{}}", meeting)

    def _tell_representative(self, element: Fields, user: str, meeting: str) -> None:
        if former := self._stored(element["id"], _TO):
            self._tell_canceled(user, former, meeting)
        if new := element[_TO]:
            self._add(user, "Vote delegated to {} in meeting {}", self._user(new), meeting)
            self._add(self._user(new), "Proxy voting rights for {} received in meeting {}", user, meeting)

    def _tell_represented(self, element: Fields, user: str, meeting: str) -> None:
        added, removed = self._compared(element, _FROM)
        self._tell_proxies(user, removed, "removed", meeting)
        for id_ in removed:
            self._add(self._user(id_), "Vote delegation canceled in meeting {}", meeting)
        for id_ in added:
            if (former := self._stored(id_, _TO)) and former != element["id"]:
                self._tell_canceled(self._user(id_), former, meeting)
        self._tell_proxies(user, added, "received", meeting)
        for id_ in added:
            self._add(self._user(id_), "Vote delegated to {} in meeting {}", user, meeting)

    def _tell_canceled(self, represented: str, former: int, meeting: str) -> None:
        self._add(represented, "Vote delegation canceled in meeting {}", meeting)
        self._add(self._user(former), "Proxy voting rights for {} removed in meeting {}", represented, meeting)

    def _tell_proxies(self, user: str, ids: Iterable[int], what: str, meeting: str) -> None:
        if users := [self._user(id_) for id_ in ids]:
            text = f"Proxy voting rights for {', '.join('{}' for _ in users)} {what} in meeting {{}}"
            self._add(user, text, *users, meeting)

    def _compared(self, element: Fields, name: str) -> tuple[list[int], list[int]]:
        """The ids of a list that are new, and those that are gone."""
        given, stored = element[name] or (), self._stored(element["id"], name) or ()
        return [id_ for id_ in given if id_ not in stored], [id_ for id_ in stored if id_ not in given]

    def _differs(self, element: Fields, name: str) -> bool:
        return name in element and (element[name] or None) != (self._stored(element["id"], name) or None)

    def _stored(self, id_: int, name: str) -> Any:
        return self.uow.stored("meeting_user", id_, name)

    def _value(self, id_: int, name: str) -> Any:
        return self.uow.last_value("meeting_user", id_, name)

    def _user(self, id_: int) -> str:
        return make_fqid("user", self._value(id_, "user_id"))

    def _add(self, fqid: str, *entry: str) -> None:
        self._entries.setdefault(fqid, {})[entry] = None


def added_to_meeting(given: Fields, meeting_id: int) -> tuple[str, ...]:
    """That a user was added to a meeting, with these groups and structure levels."""
    parts, arguments = [], []
    for name, text, collection in (
        ("group_ids", "group", "group"),
        ("structure_level_ids", "structure level", "structure_level"),
    ):
        if ids := given.get(name):
            parts.append(f"{text}{'s' if len(ids) > 1 else ''} {', '.join('{}' for _ in ids)}")
            arguments += [make_fqid(collection, id_) for id_ in ids]
    where = f"{' and '.join(parts)} in meeting {{}}" if parts else "meeting {}"
    return (f"Participant added to {where}", *arguments, make_fqid("meeting", meeting_id))
