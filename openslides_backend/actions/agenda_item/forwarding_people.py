"""Finds or makes in a target meeting what speakers bring with them (agenda_forward.md, steps 1 to 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openslides_backend.actions.agenda_item.forwarding_source import MEMBER_VALUES, Source
from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, Models

_NAMES = {"point_of_order_category": "text", "group": "name", "structure_level": "name"}
"""The field by which models of a collection are matched."""

Matches = dict[int, int]
"""Ids in the target meeting by those of the originals."""


@dataclass(slots=True)
class People:
    """What was found or made in one target meeting."""

    categories: Matches = field(default_factory=dict)
    groups: Matches = field(default_factory=dict)
    levels: Matches = field(default_factory=dict)
    members: Matches = field(default_factory=dict)


def people_needs(action: Action, source: Source, targets: Sequence[int]) -> list[Query]:
    """What `forward_people` reads of all the target meetings."""
    queries: list[Query] = [
        filter_query(collection, equals(meeting_id=target), name)
        for collection, name in _NAMES.items()
        for target in targets
    ]
    pairs = {pair for target in targets for pair in _pairs(source, target)}
    return [*queries, *(participation_needs(action.uow, pairs) if pairs else ())]


def forward_people(action: Action, source: Source, target: int) -> People:
    """Find or make categories, groups, structure levels and participants, in this order."""
    found = participations(action.uow, set(_pairs(source, target)))
    known = {id_: found[pair] for id_ in source.members if (pair := _pair(source, id_, target)) in found}
    people = People()
    people.categories = _matched(action, "point_of_order_category", source.categories, target)
    people.groups = _matched(action, "group", source.groups, target)
    needed = {source.level_of_list(id_) for id_ in source.level_times}
    for id_, member in source.members.items():
        if id_ not in known:
            needed.update(member.get("structure_level_ids") or ())
    levels = {id_: level for id_, level in source.levels.items() if id_ in needed}
    people.levels = _matched(action, "structure_level", levels, target)
    people.members = {id_: member["id"] for id_, member in known.items()}
    _add_groups(action, source, people, known)
    _add_members(action, source, people, target)
    return people


def _pair(source: Source, id_: int, target: int) -> Pair:
    return source.members[id_].get("user_id", 0), target


def _pairs(source: Source, target: int) -> list[Pair]:
    return [_pair(source, id_, target) for id_ in source.members]


def _matched(action: Action, collection: str, originals: Models, target: int) -> Matches:
    """The models of the target with the names of the originals; those that are missing are created."""
    if not originals:
        return {}
    name = _NAMES[collection]
    models = action.uow.filter(collection, equals(meeting_id=target), name)
    order = list(models)
    if collection == "group":
        # Of several groups with the same name the last one of the meeting's own order counts.
        listed = action.uow.get("meeting", target, "group_ids").get("group_ids") or ()
        order = [*(id_ for id_ in models if id_ not in listed), *(id_ for id_ in listed if id_ in models)]
    by_name = {models[id_].get(name): id_ for id_ in order}
    missing = [id_ for id_, original in originals.items() if original.get(name) not in by_name]
    elements = [{"meeting_id": target, **originals[id_]} for id_ in missing]
    created = dict(zip(missing, ids_of(action.execute(f"{collection}.create", elements)), strict=True))
    return {id_: created[id_] if id_ in created else by_name[o.get(name)] for id_, o in originals.items()}


def _translated(ids: Sequence[int] | None, matches: Matches) -> list[int]:
    return list(dict.fromkeys(matches[id_] for id_ in ids or () if id_ in matches))


def _add_groups(action: Action, source: Source, people: People, known: Models) -> None:
    """Give those who take part in the target already the groups that they lack."""
    changes: list[Fields] = []
    for id_, member in known.items():
        own = member.get("group_ids") or []
        lacking = [g for g in _translated(source.members[id_].get("group_ids"), people.groups) if g not in own]
        if lacking:
            changes.append({"id": member["id"], "group_ids": [*own, *lacking]})
    action.execute("meeting_user.set_data", changes)


def _add_members(action: Action, source: Source, people: People, target: int) -> None:
    """Make participants of the others."""
    new = [id_ for id_ in source.members if id_ not in people.members]
    elements: list[Fields] = []
    for id_ in new:
        member = source.members[id_]
        elements.append(
            {
                "user_id": member.get("user_id"),
                "meeting_id": target,
                "group_ids": _translated(member.get("group_ids"), people.groups),
                "structure_level_ids": _translated(member.get("structure_level_ids"), people.levels),
                **{name: member[name] for name in MEMBER_VALUES if member.get(name) is not None},
            }
        )
    people.members.update(zip(new, ids_of(action.execute("meeting_user.set_data", elements)), strict=True))
