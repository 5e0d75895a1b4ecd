"""Import of topics (topic.md, "topic.json_upload" and "topic.import")."""

from collections.abc import Sequence

from openslides_backend.actions.imports.checks import check_main_key
from openslides_backend.actions.imports.columns import Column, UploadPayload
from openslides_backend.actions.imports.execution import ImportAction, in_meeting_of_first_row, meeting_of_first_row
from openslides_backend.actions.imports.lookup import Lookup, Outcome
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.imports.upload import JsonUpload
from openslides_backend.engine.parts import Stored
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields

_NAME = "topic"
_AGENDA_TYPES = ["common", "internal", "hidden"]
_COLUMNS = (
    Column("title", is_object=True, required=True, limits={"minLength": 1, "maxLength": 256}),
    Column("text", nullable=True),
    Column("agenda_comment"),
    Column("agenda_type", limits={"enum": _AGENDA_TYPES}),
    Column("agenda_duration", "integer", limits={"minimum": 0}),
)
_AGENDA_FIELDS = {"agenda_comment": "comment", "agenda_type": "type", "agenda_duration": "duration"}
"""Columns and the fields of the agenda item that they become."""


def _titles(rows: Sequence[Row], meeting_id: int) -> Lookup:
    return Lookup("topic", "title", [row.value("title") for row in rows], scope=equals(meeting_id=meeting_id))


class TopicJsonUpload(JsonUpload):
    """Show which topics a table would create and update."""

    name = "topic.json_upload"
    import_name = _NAME
    payload = UploadPayload(_COLUMNS, with_meeting=True)
    permission = in_meeting(Permissions.AgendaItem.CAN_MANAGE)

    def judge(self, element: Fields, rows: Sequence[Row]) -> None:
        titles = _titles(rows, element["meeting_id"])
        titles.read(self.uow)
        for row in rows:
            row.data["meeting_id"] = element["meeting_id"]
            self._judge_title(row, titles)

    @staticmethod
    def _judge_title(row: Row, titles: Lookup) -> None:
        title: str = row.data["title"]
        outcome, id_ = titles.outcome(title), titles.id(title)
        if outcome is Outcome.AMBIGUOUS:
            row.data["title"] = value_object(title, "error")
            row.fail("Duplicate title.")
        elif outcome is Outcome.FOUND:
            row.state = "done"
            row.data.update(title=value_object(title, "warning", id_), id=id_)
            row.messages.append("Existing topic will be updated.")
        else:
            row.data["title"] = value_object(title, "new")


class TopicImport(ImportAction):
    """Create and update the topics of a preview.

    Its rows are read before the permission: an archived meeting is told to everybody, and only they name the meeting.
    """

    name = "topic.import"
    import_name = _NAME
    permission = in_meeting_of_first_row(Permissions.AgendaItem.CAN_MANAGE)
    parts = (Stored("result"),)

    def meeting_id(self, element: Fields) -> int | None:
        return meeting_of_first_row(self.stored_result(element))

    def check_again(self, rows: Sequence[Row]) -> None:
        titles = _titles(rows, rows[0].data["meeting_id"])
        titles.read(self.uow)
        for row in rows:
            title = row.value("title")
            outcome = titles.outcome(title)
            if outcome is Outcome.FOUND and "id" not in row.data:
                raise BadRequest(f"The topic '{title}' has been created in the meantime.")
            if outcome is Outcome.NOT_FOUND and row.state == "done":
                row.fail(f"The topic '{title}' has been renamed or deleted in the meantime.", "title")
            else:
                check_main_key(row, "title", titles)

    def carry_out(self, rows: Sequence[Row]) -> None:
        new = [row for row in rows if row.state == "new"]
        self.execute("topic.create", [row.handed(["meeting_id", "title", "text", *_AGENDA_FIELDS]) for row in new])
        known = [row for row in rows if row.state != "new"]
        self.execute("topic.update", [row.handed(["id", "title", "text"]) for row in known])
        self._update_agenda([row for row in known if row.data.keys() & _AGENDA_FIELDS.keys()])

    def _update_agenda(self, rows: Sequence[Row]) -> None:
        topics = self.uow.get_many("topic", [row.data["id"] for row in rows], "agenda_item_id") if rows else {}
        items = []
        for row in rows:
            item_id = topics[row.data["id"]].get("agenda_item_id")
            if item_id is not None:
                values = row.handed(_AGENDA_FIELDS)
                items.append({"id": item_id, **{_AGENDA_FIELDS[name]: value for name, value in values.items()}})
        self.execute("agenda_item.update", items)
