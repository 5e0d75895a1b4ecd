"""Second step of the import of committees (committee_import.md, "committee.import")."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from openslides_backend.actions.committee.import_rules import (
    IMPORT_NAME,
    committees_named,
    done_id,
    fail_meetings_without_admins,
    fail_misplaced,
)
from openslides_backend.actions.imports.checks import check_main_key, check_references
from openslides_backend.actions.imports.execution import ImportAction
from openslides_backend.actions.imports.lookup import Lookup, same_text
from openslides_backend.actions.imports.rows import Row
from openslides_backend.engine.parts import Organization
from openslides_backend.engine.run import ids_of
from openslides_backend.models.fields import FieldError
from openslides_backend.models.models import Committee
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

_TAG_COLOR = "#2196f3"
_REFERENCES = {
    "meeting_template": ("meeting", "name"),
    "parent": ("committee", "name"),
    "forward_to_committees": ("committee", "name"),
    "managers": ("user", "username"),
    "meeting_admins": ("user", "username"),
    "organization_tags": ("organization_tag", "name"),
}
_UPDATED = ("description", "forward_to_committee_ids", "manager_ids", "organization_tag_ids", "parent_id")
_MEETING_FIELDS = {"meeting_name": "name", "meeting_start_time": "start_time", "meeting_end_time": "end_time"}

Created = Mapping[Hashable, int]
"""The ids of what the import creates, by the names."""


class CommitteeImport(ImportAction):
    """Create and change the committees of a preview, with their tags and meetings."""

    name = "committee.import"
    import_name = IMPORT_NAME
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)
    organization = Organization("default_language")

    def check_again(self, rows: Sequence[Row]) -> None:
        names = committees_named(rows)
        names.read(self.uow)
        for row in rows:
            check_main_key(row, "name", names)
        check_references(self.uow, rows, _REFERENCES)
        fail_meetings_without_admins(self.uow, rows)
        fail_misplaced(self.uow, rows, names)

    def carry_out(self, rows: Sequence[Row]) -> None:
        tags = self._create_tags(rows)
        created = self._create("committee", [row.value("name") for row in rows if row.state == "new"])
        committee_ids = [row.data.get("id") or created[same_text(row.value("name"))] for row in rows]
        numbered = list(zip(committee_ids, rows, strict=True))
        self._update({id_: _values(row, created, tags) for id_, row in numbered})
        self._create_meetings([(id_, row) for id_, row in numbered if "meeting_name" in row.data])

    def _create_tags(self, rows: Sequence[Row]) -> Created:
        names: dict[Hashable, str] = {}
        for tag in (tag for row in rows for tag in _usable(row, "organization_tags") if "id" not in tag):
            names.setdefault(same_text(tag["value"]), tag["value"])
        stored = Lookup("organization_tag", "name", names.values(), refers=True)
        stored.read(self.uow)
        new = [name for name in names.values() if len(stored.ids(name)) < 2]
        return self._create("organization_tag", new, color=_TAG_COLOR)

    def _create(self, collection: str, names: Sequence[str], **fields: str) -> Created:
        new = [{"name": name, "organization_id": ORGANIZATION_ID, **fields} for name in names]
        return dict(zip(map(same_text, names), ids_of(self.execute(f"{collection}.create", new)), strict=True))

    def _update(self, values: Mapping[int, Fields]) -> None:
        """Set the values, but for those that are stored: importing a table again changes nothing."""
        stored = self.uow.get_many("committee", values, *_UPDATED)
        elements = [
            {"id": id_, **{name: value for name, value in values[id_].items() if value != old[name]}}
            for id_, old in stored.items()
        ]
        self.execute("committee.update", [element for element in elements if len(element) > 1])

    def _create_meetings(self, rows: Sequence[tuple[int, Row]]) -> None:
        new, copies = [], []
        for committee_id, row in rows:
            meeting = {_MEETING_FIELDS[name]: value for name, value in row.handed(_MEETING_FIELDS).items()}
            meeting["committee_id"] = committee_id
            if "meeting_admins" in row.data:
                meeting["admin_ids"] = _found_ids(row, "meeting_admins")
            template_id = done_id(row, "meeting_template")
            if template_id is None:
                new.append({**meeting, "language": self.organization.record["default_language"]})
            else:
                copies.append({**meeting, "meeting_id": template_id})
        self.execute("meeting.create", new)
        self.execute("meeting.clone", copies)


def _usable(row: Row, column: str) -> Iterator[Fields]:
    return (entry for entry in row.objects(column) if entry.get("info") in ("done", "new"))


def _found_ids(row: Row, column: str) -> list[int]:
    return [entry["id"] for entry in row.objects(column) if entry.get("info") == "done" and "id" in entry]


def _ids(row: Row, column: str, created: Created) -> list[int]:
    """The usable models that a column names; those that are named only are looked for among the created ones."""
    ids = (entry.get("id") or created.get(same_text(entry["value"])) for entry in _usable(row, column))
    return list(dict.fromkeys(id_ for id_ in ids if id_ is not None))


def _values(row: Row, committees: Created, tags: Created) -> Fields:
    """What the row sets of its committee; lists replace what is stored."""
    values = row.handed(["description"])
    if values.get("description"):
        values["description"] = _as_stored(values["description"])
    if "forward_to_committees" in row.data:
        values["forward_to_committee_ids"] = _ids(row, "forward_to_committees", committees)
    if "managers" in row.data:
        values["manager_ids"] = _found_ids(row, "managers")
    if "organization_tags" in row.data:
        values["organization_tag_ids"] = _ids(row, "organization_tags", tags)
    for parent in row.objects("parent"):
        parent_id = parent.get("id") or committees.get(same_text(parent["value"]))
        if parent["value"] and parent_id is not None:
            values["parent_id"] = parent_id
    return values


def _as_stored(description: str) -> str:
    try:
        return Committee.description.clean_html(description)
    except FieldError:
        return description
