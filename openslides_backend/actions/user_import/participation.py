"""What participants have and accounts haven't: groups, structure levels, being locked out (participant_import.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.imports.lookup import same_text
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.shared.participation import participation_needs, participations
from openslides_backend.actions.user_import.execution import left
from openslides_backend.actions.user_import.matching import accounts_of
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import Run, ids_of
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, Models

_GROUP = (
    "name",
    "admin_group_for_meeting_id",
    "anonymous_group_for_meeting_id",
    "default_group_for_meeting_id",
    "permissions",
)
_USER = ("organization_management_level", "committee_management_ids")
_MEETING = ("committee_id", "template_for_organization_id")
COLLECTIONS = {"structure_level": "structure_level", "groups": "group"}
"""The columns that are lists, with the collections that their names belong to."""


class Place:
    """The meeting that participants are imported into, with its groups and structure levels. Two reads.

    `groups` are those that participants can have, by id; `ids` are ids by name, for each column.
    """

    def __init__(self, uow: UnitOfWork, meeting_id: int) -> None:
        self.uow = uow
        self.meeting_id = meeting_id
        in_meeting = equals(meeting_id=meeting_id)
        uow.prefetch(
            [
                filter_query("group", in_meeting, *_GROUP),
                filter_query("structure_level", in_meeting, "name"),
                GetMany("meeting", (meeting_id,), _MEETING),
            ]
        )
        meeting = uow.find_fields("meeting", meeting_id, *_MEETING)
        self.is_template = bool(meeting["template_for_organization_id"])
        self.committees = self._line(meeting["committee_id"])
        groups = uow.filter("group", in_meeting, *_GROUP)
        self.groups = {id_: group for id_, group in groups.items() if not group["anonymous_group_for_meeting_id"]}
        self.admin_group = self._group_with("admin_group_for_meeting_id")
        self.default_group = self._group_with("default_group_for_meeting_id")
        self.names: dict[str, Models] = {
            "groups": self.groups,
            "structure_level": uow.filter("structure_level", in_meeting, "name"),
        }
        self._ids = {column: _by_name(models) for column, models in self.names.items()}

    def _line(self, committee_id: int | None) -> set[int]:
        """The committee of the meeting and all above it."""
        if committee_id is None:
            return set()
        above = self.uow.find_fields("committee", committee_id, "all_parent_ids")["all_parent_ids"]
        return {committee_id, *(above or ())}

    def _group_with(self, field: str) -> int | None:
        return next((id_ for id_, group in self.groups.items() if group[field] == self.meeting_id), None)

    def id(self, column: str, name: str) -> int | None:
        """The group or structure level of this name; should there be several, the oldest."""
        return self._ids[column].get(same_text(name))

    def manages_users(self, group_id: int) -> bool:
        """Whether it is a group whose members can't be locked out."""
        is_known = group_id in self.groups
        may = is_known and Permissions.User.CAN_MANAGE in (self.groups[group_id]["permissions"] or ())
        return may or group_id == self.admin_group


def _by_name(models: Models) -> dict[object, int]:
    return {same_text(model["name"]): id_ for id_, model in sorted(models.items(), reverse=True)}


def find_names(rows: Iterable[Row], place: Place) -> None:
    """First step: make value objects of the names of groups and structure levels.

    Raises BadRequest if somebody has no groups and the meeting no default group.
    """
    for row in rows:
        names = {column: row.data.pop(column, None) or [] for column in COLLECTIONS}
        found = {column: [_named(place, column, name) for name in given] for column, given in names.items()}
        row.data.update({column: objects for column, objects in found.items() if objects})
        if "groups" not in row.data:
            row.data["groups"] = [_default_group(place)]


def _named(place: Place, column: str, name: str) -> Fields:
    id_ = place.id(column, name)
    return value_object(name, "new" if id_ is None else "done", id_)


def _default_group(place: Place) -> Fields:
    if place.default_group is None:
        raise BadRequest(f"groups: They must be given, as meeting/{place.meeting_id} has no default group.")
    return value_object(place.groups[place.default_group]["name"], "generated", place.default_group)


def check_names(rows: Iterable[Row], place: Place) -> None:
    """Second step: compare groups and structure levels with those that are there now.

    Raises BadRequest for a row without groups.
    """
    for row in rows:
        if "groups" not in row.data:
            raise BadRequest("The preview has a row without groups.")
        for column in COLLECTIONS:
            _check_objects(row, column, place.names[column])
        groups = row.objects("groups")
        if not any(_is_left(entry, place.groups) for entry in groups):
            row.messages.append("groups: None of them is left.")
            row.state = "error"
            for entry in groups[:1]:
                entry["info"] = "error"


def _check_objects(row: Row, column: str, models: Models) -> None:
    for entry in (entry for entry in row.objects(column) if entry.get("info") != "remove"):
        name = models[entry["id"]]["name"] if entry.get("id") in models else None
        if "id" in entry and same_text(name) != same_text(entry["value"]):
            entry["info"] = "warning"
            reason = "doesn't exist any more" if name is None else "has another name now"
            row.messages.append(f"{column}: '{entry['value']}' {reason}.")


def _is_left(entry: Fields, groups: Models) -> bool:
    if "id" not in entry:
        return bool(entry.get("info") == "new")
    return entry["id"] in groups and same_text(groups[entry["id"]]["name"]) == same_text(entry["value"])


def check_locked_out(run: Run, rows: Sequence[Row], place: Place) -> None:
    """Nobody may be locked out and have rights at the same time. One read."""
    pairs = {(id_, place.meeting_id) for id_ in accounts_of(rows)}
    ids = tuple(sorted(accounts_of(rows)))
    run.uow.prefetch([GetMany("user", ids, _USER), *participation_needs(run.uow, pairs)])
    members = participations(run.uow, pairs)
    users = run.uow.get_many("user", ids, *_USER)
    for row in rows:
        user_id = row.data.get("id", 0)
        stored = members.get((user_id, place.meeting_id), {})
        is_locked_out = row.value("locked_out") if left(row, "locked_out") else stored.get("locked_out")
        if is_locked_out:
            _refuse_rights(row, place, users.get(user_id, {}), user_id == run.user_id, stored.get("group_ids") or ())


def _refuse_rights(row: Row, place: Place, user: Fields, is_self: bool, stored_groups: Sequence[int]) -> None:
    given = {entry["id"] for entry in row.objects("groups") if "id" in entry}
    if not given and not left(row, "locked_out"):
        return
    managing = {id_ for id_ in given or stored_groups if place.manages_users(id_)}
    reasons = {
        "You can not lock yourself out.": is_self,
        "Who has an organization management level can not be locked out.": user.get("organization_management_level"),
        "Who manages the committee can not be locked out.": place.committees.intersection(
            user.get("committee_management_ids") or ()
        ),
        "Who is admin or manages the users of the meeting can not be locked out.": managing,
    }
    messages = [f"locked_out: {reason}" for reason, holds in reasons.items() if holds]
    if not messages:
        return
    row.state = "error"
    row.messages += messages
    blamed = row.objects("locked_out") if left(row, "locked_out") else []
    for entry in [*blamed, *(entry for entry in row.objects("groups") if entry.get("id") in managing)]:
        entry["info"] = "error"


def check_admins(uow: UnitOfWork, rows: Sequence[Row], place: Place) -> None:
    """The meeting must not lose all its admins, unless it is a template. Two reads."""
    accounts = set(accounts_of(rows))
    if place.is_template or place.admin_group is None or not accounts:
        return
    if any(entry.get("id") == place.admin_group for row in rows for entry in row.objects("groups")):
        return
    member_ids = uow.find_fields("group", place.admin_group, "meeting_user_ids")["meeting_user_ids"] or ()
    members = uow.get_many("meeting_user", member_ids, "user_id")
    admins = {member["user_id"] for member in members.values()}
    if not admins or not admins <= accounts:
        return
    for row in rows:
        if row.data.get("id") in admins:
            row.fail("groups: The meeting would lose its last admin.")
            row.data["groups"] = [*row.data.get("groups", ()), value_object("", "error")]


def create_missing(action: Action, rows: Sequence[Row], place: Place) -> None:
    """Create the groups and structure levels that are still missing, and give all objects their ids."""
    for column, collection in COLLECTIONS.items():
        objects = [entry for row in rows for entry in row.objects(column) if entry.get("info") == "new"]
        missing = {same_text(e["value"]): e["value"] for e in objects if place.id(column, e["value"]) is None}
        elements = [{"name": name, "meeting_id": place.meeting_id} for name in missing.values()]
        created = dict(zip(missing, ids_of(action.execute(f"{collection}.create", elements)), strict=True))
        for entry in objects:
            if (id_ := created.get(same_text(entry["value"]))) is None:
                entry["info"], id_ = "done", place.id(column, entry["value"])
            entry["id"] = id_
