"""What is told about changed participants (meeting_user.md, "History of changes")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from openslides_backend.engine.action import Action
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_DATA = ("structure_level_ids", "number", "vote_weight")
_COMPARED = (*_DATA, "group_ids", "vote_delegated_to_id", "vote_delegations_from_ids")


@dataclass(frozen=True, slots=True)
class Change:
    """What was given for a meeting_user, and whether it was created just before."""

    id: int
    given: Fields
    created: bool = False


class ParticipantHistory:
    """Collects entries about users; equal ones about the same user count once."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self._uow = action.uow
        self._entries: dict[str, dict[tuple[str, ...], None]] = {}

    def tell(self, changes: Sequence[Change]) -> None:
        """Tell of all changes, compared with what was stored before the batch. At most two reads."""
        self._load(changes)
        for change in changes:
            self._tell_one(change)
        for fqid, entries in self._entries.items():
            for entry in entries:
                self._action.tell(fqid, *entry)

    def _load(self, changes: Sequence[Change]) -> None:
        self._uow.load("meeting_user", [c.id for c in changes if not c.created], "user_id", "meeting_id", *_COMPARED)
        others: set[int] = set()
        for change in changes:
            others.update(change.given.get("vote_delegations_from_ids") or ())
            others.update(self._stored(change.id, "vote_delegations_from_ids") or ())
            others.update(
                id_
                for id_ in (change.given.get("vote_delegated_to_id"), self._stored(change.id, "vote_delegated_to_id"))
                if id_
            )
        self._uow.load("meeting_user", sorted(others), "user_id", "vote_delegated_to_id")
        former = {id_ for other in others if (id_ := self._stored(other, "vote_delegated_to_id"))}
        regrouped = [change.id for change in changes if "group_ids" in change.given and not change.created]
        meetings = {m for id_ in regrouped if (m := self._value(id_, "meeting_id"))}
        queries = [GetMany("meeting_user", tuple(sorted(former)), ("user_id",))]
        self._uow.prefetch([*queries, GetMany("meeting", tuple(sorted(meetings)), ("default_group_id",))])

    def _tell_one(self, change: Change) -> None:
        meeting_id = self._value(change.id, "meeting_id")
        user, meeting = self._user(change.id), make_fqid("meeting", meeting_id)
        if change.created:
            if change.given.keys() & {"group_ids", "structure_level_ids"}:
                self._add(user, *added_to_meeting(change.given, meeting_id))
        else:
            self._tell_data(change, user, meeting)
            self._tell_groups(change, user, meeting_id)
        if self._differs(change, "vote_delegated_to_id"):
            self._tell_representative(change, user, meeting)
        if self._differs(change, "vote_delegations_from_ids"):
            self._tell_represented(change, user, meeting)

    def _tell_data(self, change: Change, user: str, meeting: str) -> None:
        if any(self._differs(change, name) for name in _DATA):
            self._add(user, "Participant data updated in meeting {}", meeting)

    def _tell_groups(self, change: Change, user: str, meeting_id: int) -> None:
        if not self._differs(change, "group_ids"):
            return
        meeting = make_fqid("meeting", meeting_id)
        default = (self._uow.find_fields("meeting", meeting_id, "default_group_id")).get("default_group_id")
        given, stored = change.given["group_ids"] or [], self._stored(change.id, "group_ids") or []
        added = [id_ for id_ in given if id_ not in stored and id_ != default]
        removed = [id_ for id_ in stored if id_ not in given and id_ != default]
        if added and removed:
            self._add(user, "Groups changed")
        elif not given and len(removed) != 1:
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

    def _tell_representative(self, change: Change, user: str, meeting: str) -> None:
        former, new = self._stored(change.id, "vote_delegated_to_id"), change.given["vote_delegated_to_id"]
        if former:
            self._add(user, "Vote delegation canceled in meeting {}", meeting)
            self._add(self._user(former), "Proxy voting rights for {} removed in meeting {}", user, meeting)
        if new:
            self._add(user, "Vote delegated to {} in meeting {}", self._user(new), meeting)
            self._add(self._user(new), "Proxy voting rights for {} received in meeting {}", user, meeting)

    def _tell_represented(self, change: Change, user: str, meeting: str) -> None:
        given = change.given["vote_delegations_from_ids"] or []
        stored = self._stored(change.id, "vote_delegations_from_ids") or []
        added, removed = [id_ for id_ in given if id_ not in stored], [id_ for id_ in stored if id_ not in given]
        self._tell_proxies(user, removed, "removed", meeting)
        for id_ in removed:
            self._add(self._user(id_), "Vote delegation canceled in meeting {}", meeting)
        for id_ in added:
            former = self._stored(id_, "vote_delegated_to_id")
            if former and former != change.id:
                represented = self._user(id_)
                self._add(represented, "Vote delegation canceled in meeting {}", meeting)
                self._add(self._user(former), "Proxy voting rights for {} removed in meeting {}", represented, meeting)
        self._tell_proxies(user, added, "received", meeting)
        for id_ in added:
            self._add(self._user(id_), "Vote delegated to {} in meeting {}", user, meeting)

    def _tell_proxies(self, user: str, ids: Iterable[int], what: str, meeting: str) -> None:
        users = [self._user(id_) for id_ in ids]
        if users:
            text = f"Proxy voting rights for {', '.join('{}' for _ in users)} {what} in meeting {{}}"
            self._add(user, text, *users, meeting)

    def _differs(self, change: Change, name: str) -> bool:
        if name not in change.given:
            return False
        return (change.given[name] or None) != (self._stored(change.id, name) or None)

    def _stored(self, id_: int, name: str) -> Any:
        return self._uow.stored("meeting_user", id_, name)

    def _value(self, id_: int, name: str) -> Any:
        return self._uow.last_value("meeting_user", id_, name)

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
