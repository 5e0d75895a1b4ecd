"""Carries out what merging the accounts of one element takes (user_merge.md, "Order")."""

from collections.abc import Iterator

from openslides_backend.actions.user.merging.entitled import merged_entries
from openslides_backend.actions.user.merging.selection import ENTITLED, Group, Participation, Selection, stopped_polls
from openslides_backend.actions.user.merging.tables import KINDS, MEETING_USER, USER, Kind
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.shared.typing import Fields

_PRESENT = "is_present_in_meeting_ids"


class Merging:
    """The steps of one merge, each through the actions that everybody else uses, too.

    Each raises what these actions raise.
    """

    def __init__(self, action: Action, selection: Selection) -> None:
        self._action = action
        self._selection = selection
        self._primary_id = selection.primary_id
        own = (member for member in selection.members if member["user_id"] == selection.primary_id)
        self._member_ids: dict[int, int] = {member["meeting_id"]: member["id"] for member in own}

    def merge_polls(self) -> None:
        """Tell polls into whom those who were entitled to vote are merged."""
        secondary_ids = frozenset(self._selection.secondary_ids)
        found = {
            id_: merged_entries(poll[ENTITLED], secondary_ids, self._primary_id)
            for id_, poll in stopped_polls(self._action.uow).items()
        }
        self._action.execute(
            "poll.update", [{"id": id_, ENTITLED: entries} for id_, entries in found.items() if entries is not None]
        )

    def merge_members(self) -> None:
        """Make one participant of those in a meeting, who gets what is moved to him."""
        participations = self._selection.participations
        new = [{"user_id": self._primary_id, "meeting_id": p.meeting_id} for p in participations if p.members.foreign]
        created = iter(ids_of(self._action.execute("meeting_user.create", new)))
        self._member_ids.update((p.meeting_id, next(created)) for p in participations if p.members.foreign)
        data = [(p, _values(p.members)) for p in participations]
        named = [{"id": self._primary_id, "meeting_id": p.meeting_id, **values} for p, values in data if values]
        self._action.execute("user.update", named)
        moves = [(p, dict(_moved(p))) for p in participations]
        self._action.execute(
            "meeting_user.update", [{"id": self._member_ids[p.meeting_id], **lists} for p, lists in moves if lists]
        )

    def merge_objects(self) -> None:
        """Make one of all objects that belong together, kind by kind."""
        for kind in KINDS:
            self._merge_kind(kind)

    def _merge_kind(self, kind: Kind) -> None:
        copies, changes, gone = [], [], list[Fields]()
        for participation, group in touched(self._selection, kind):
            objects = group.objects
            if group.foreign and kind.created_by:
                if values := kind.copied(objects):
                    copies.append({**values, "meeting_user_id": self._member_id(participation, group)})
            else:
                if changed := kind.table.changed(objects):
                    changes.append({"id": group.main["id"], **changed})
                objects = objects[1:]
            gone += [{"id": object_["id"]} for object_ in objects]
        self._action.execute(kind.created_by, copies)
        self._action.execute(f"{kind.collection}.update", changes)
        self._action.execute(f"{kind.collection}.delete", gone)

    def _member_id(self, participation: Participation, group: Group) -> int:
        """The participant who gets a copy: that of the meeting in which the object is stored."""
        return self._member_ids.get(group.main["meeting_id"]) or self._member_ids[participation.meeting_id]

    def merge_accounts(self, given: Fields) -> None:
        """Give the primary account what is `given`, and else what comes of all accounts."""
        primary = self._selection.primary
        values = USER.changed(self._selection.users)
        if primary["saml_id"]:
            values.pop("can_change_own_password", None)
        element = {"id": self._primary_id, **values, _PRESENT: self._presence(), **given}
        self._action.execute("user.update", [element])
        if primary["committee_ids"] == []:
            self._action.uow.update("user", self._primary_id, {"committee_ids": None})

    def delete_secondaries(self) -> None:
        """Delete all accounts but the primary one."""
        self._action.execute("user.delete", [{"id": id_} for id_ in self._selection.secondary_ids])

    def _presence(self) -> list[int]:
        """The meetings that the primary account is present in: whoever ranks highest among those who take part in one
        decides whether they are."""
        present: dict[int, None] = {}
        decided: set[int] = set()
        for user in self._selection.users:
            present.update(dict.fromkeys(id_ for id_ in user[_PRESENT] or () if id_ not in decided))
            decided.update(
                member["meeting_id"]
                for member in self._selection.members
                if member["user_id"] == user["id"] and member["group_ids"]
            )
        return list(present)


def touched(selection: Selection, kind: Kind) -> Iterator[tuple[Participation, Group]]:
    """The groups of objects of a kind that there is something to do with."""
    for participation in selection.participations:
        for group in participation.objects[kind.collection]:
            if not group.is_untouched:
                yield participation, group


def _values(members: Group) -> Fields:
    """What the participant of the primary account gets."""
    return MEETING_USER.merged(members.objects) if members.foreign else MEETING_USER.changed(members.objects)


def _moved(participation: Participation) -> Iterator[tuple[str, list[int]]]:
    """The objects of the participant of the primary account, by relation, where they are moved."""
    for kind in KINDS:
        groups = participation.objects[kind.collection]
        if not kind.created_by and any(group.foreign for group in groups):
            yield kind.relation, sorted(group.main["id"] for group in groups)
