"""What both steps of the import of committees share (committee_import.md)."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

from openslides_backend.actions.committee.tree import MAX_ABOVE
from openslides_backend.actions.imports.columns import Column, UploadPayload
from openslides_backend.actions.imports.lookup import Lookup, same_text
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.filters import FieldFilter

IMPORT_NAME = "committee"
TIMES = ("meeting_start_time", "meeting_end_time")
PAYLOAD = UploadPayload(
    (
        Column("name", is_object=True, required=True, limits={"minLength": 1, "maxLength": 256}),
        Column("description", nullable=True),
        Column("forward_to_committees", is_object=True, is_list=True),
        Column("organization_tags", is_object=True, is_list=True, limits={"maxLength": 256}),
        Column("managers", is_object=True, is_list=True),
        Column("meeting_name", limits={"minLength": 1, "maxLength": 100}),
        Column("meeting_start_time", "date"),
        Column("meeting_end_time", "date"),
        Column("meeting_admins", is_object=True, is_list=True),
        Column("meeting_template", is_object=True),
        Column("parent", is_object=True),
    )
)


def committees_named(rows: Sequence[Row], others: Iterable[Hashable] = ()) -> Lookup:
    """The committees that the rows are about, and others that they only refer to."""
    return Lookup("committee", "name", [row.value("name") for row in rows], also=others)


def done_id(row: Row, column: str) -> int | None:
    """The model that the only value of a column has been found to be."""
    return next((entry.get("id") for entry in row.objects(column) if entry.get("info") == "done"), None)


def fail_meetings_without_admins(uow: UnitOfWork, rows: Sequence[Row]) -> None:
    """A new meeting needs an admin, be it one of its template (committee_import.md, "Admins of a new meeting")."""
    lacking = [row for row in rows if "meeting_name" in row.data and not _has_admin(row)]
    templates = {id_ for row in lacking if (id_ := done_id(row, "meeting_template")) is not None}
    with_admins = _with_admins(uow, templates)
    for row in lacking:
        if done_id(row, "meeting_template") not in with_admins:
            row.data["meeting_admins"] = [*row.data.get("meeting_admins", ()), value_object("", "error")]
            row.fail("meeting_admins: The meeting needs at least one admin.")


def _has_admin(row: Row) -> bool:
    return any(entry.get("info") == "done" for entry in row.objects("meeting_admins"))


def _with_admins(uow: UnitOfWork, meeting_ids: Iterable[int]) -> set[int]:
    """Those of the meetings whose admin groups have members."""
    meetings = uow.get_many("meeting", sorted(meeting_ids), "admin_group_id")
    admin_groups = {id_: meeting["admin_group_id"] for id_, meeting in meetings.items() if meeting["admin_group_id"]}
    groups = uow.get_many("group", admin_groups.values(), "meeting_user_ids")
    return {id_ for id_, group_id in admin_groups.items() if groups.get(group_id, {}).get("meeting_user_ids")}


def fail_misplaced(uow: UnitOfWork, rows: Sequence[Row], names: Lookup) -> None:
    """No committee may come to be below itself, or below too many others (committee_import.md, "Cycles", "Depth")."""

    def node(name: str) -> Hashable:
        return names.id(name) or same_text(name)

    if not any(row.objects("parent") for row in rows):
        return
    stored = uow.filter("committee", FieldFilter("parent_id", "!=", None), "parent_id")
    before: dict[Hashable, Hashable] = {id_: committee["parent_id"] for id_, committee in stored.items()}
    parents = dict(before)
    for row in rows:
        for parent in row.objects("parent"):
            if parent.get("info") in ("new", "done") and row.objects("name")[0].get("info") != "error":
                parents[node(row.value("name"))] = parent.get("id") or node(parent["value"])
    circling = on_cycles(parents)
    moved = {child for child, parent in parents.items() if before.get(child) != parent}
    too_deep = causes_of_depth(parents, moved, circling, MAX_ABOVE)
    for row in rows:
        place = node(row.value("name"))
        if place in circling:
            _fail_parent(row, "would be below itself")
        elif place in too_deep:
            _fail_parent(row, f"or one below it, would have more than {MAX_ABOVE} others above it")


def _fail_parent(row: Row, reason: str) -> None:
    if "parent" in row.data:
        row.data["parent"] = value_object(row.value("parent"), "error")
    row.fail(f"parent: '{row.value('name')}' {reason}.")


def on_cycles(parents: Mapping[Hashable, Hashable]) -> set[Hashable]:
    """All that come back to themselves, going from each to its parent."""
    found: set[Hashable] = set()
    seen: set[Hashable] = set()
    for start in parents:
        path: dict[Hashable, None] = {}
        node = start
        while node in parents and node not in seen:
            seen.add(node)
            path[node] = None
            node = parents[node]
        if node in path:
            way = list(path)
            found.update(way[way.index(node) :])
    return found


def causes_of_depth(
    parents: Mapping[Hashable, Hashable], moved: Collection[Hashable], circling: Iterable[Hashable], limit: int
) -> set[Hashable]:
    """Those of the moved ones because of which they or one below them have more than `limit` others above.

    Of several in a line it is the lowest. Those on cycles, `circling`, aren't judged, and count as roots.
    """
    depths = dict.fromkeys(circling, 0)
    lowest_moved: dict[Hashable, Hashable | None] = {}
    causes: set[Hashable] = set()
    for start in parents:
        path, node = [], start
        while node in parents and node not in depths:
            path.append(node)
            node = parents[node]
        for node in reversed(path):
            above = parents[node]
            depths[node] = depths.get(above, 0) + 1
            lowest_moved[node] = cause = node if node in moved else lowest_moved.get(above)
            if depths[node] > limit and cause is not None:
                causes.add(cause)
    return causes
