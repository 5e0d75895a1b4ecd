"""Finds or makes in a target meeting what speakers bring with them (agenda_forward.md, steps 1 to 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openslides_backend.actions.agenda_item.forwarding_source import MEMBER_VALUES, Originals, Source, what_is_set
from openslides_backend.actions.shared.participation import Pair, participation_needs, participations
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import ids_in
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
    pairs = {pair for target in targets for pair in _pairs(source, target).values()}
    return [
        *(filter_query(model, equals(meeting_id=target), name) for model, name in _NAMES.items() for target in targets),
        *participation_needs(action.uow, pairs),
    ]


def forward_people(action: Action, source: Source, target: int) -> People:
    """Find or make categories, groups, structure levels and participants, in this order."""
    pairs = _pairs(source, target)
    found = participations(action.uow, pairs.values())
    known = {id_: found[pair] for id_, pair in pairs.items() if pair in found}
    new = {id_: member for id_, member in source.members.items() if id_ not in known}
    needed = {*ids_in(source.level_times.values(), "structure_level_id"), *ids_in(new.values(), "structure_level_ids")}
    levels = {id_: level for id_, level in source.levels.items() if id_ in needed}
    people = People(
        _matched(action, "point_of_order_category", source.categories, target),
        _matched(action, "group", source.groups, target),
        _matched(action, "structure_level", levels, target),
        {id_: member["id"] for id_, member in known.items()},
    )
    _add_groups(action, source, people, known)
    elements = [
        {
            "user_id": member["user_id"],
            "meeting_id": target,
            "group_ids": _translated(member["group_ids"], people.groups),
            "structure_level_ids": _translated(member["structure_level_ids"], people.levels),
            **what_is_set(member, MEMBER_VALUES),
        }
        for member in new.values()
    ]
    people.members.update(zip(new, ids_of(action.execute("meeting_user.set_data", elements)), strict=True))
    return people


def _pairs(source: Source, target: int) -> dict[int, Pair]:
    return {id_: (member["user_id"] or 0, target) for id_, member in source.members.items()}


def _matched(action: Action, collection: str, originals: Originals, target: int) -> Matches:
    """The models of the target with the names of the originals; those that are missing are created."""
    if not originals:
        return {}
    name = _NAMES[collection]
    models = action.uow.filter(collection, equals(meeting_id=target), name)
    order = list(models)
    if collection == "group":
        # Of several groups with the same name the last one of the meeting's own order counts.
        listed = action.uow.get("meeting", target, "group_ids")["group_ids"] or ()
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
        own = member["group_ids"] or []
        lacking = [g for g in _translated(source.members[id_]["group_ids"], people.groups) if g not in own]
        if lacking:
            changes.append({"id": member["id"], "group_ids": [*own, *lacking]})
    action.execute("meeting_user.set_data", changes)
