"""Import of topics (topic.md, "topic.json_upload" and "topic.import")."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.imports.checks import check_main_key
from openslides_backend.actions.imports.columns import Column, UploadPayload
from openslides_backend.actions.imports.execution import ImportAction, in_meeting_of_first_row, meeting_of_first_row
from openslides_backend.actions.imports.lookup import Lookup, Outcome
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.imports.upload import JsonUpload
from openslides_backend.engine.parts import Stored
from openslides_backend.models.fields import FieldError
from openslides_backend.models.models import Topic
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields, Models

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
        known = {row.data["id"]: row for row in rows if row.state != "new"}
        topics = self.uow.get_many("topic", known, "title", "text", "agenda_item_id") if known else {}
        values = {id_: _as_stored(row.handed(["title", "text"])) for id_, row in known.items()}
        self.execute("topic.update", _changes(values, topics))
        self._update_agenda({topics[id_]["agenda_item_id"]: row for id_, row in known.items()})

    def _update_agenda(self, rows: Mapping[int | None, Row]) -> None:
        values = {
            id_: {_AGENDA_FIELDS[name]: value for name, value in row.handed(_AGENDA_FIELDS).items()}
            for id_, row in rows.items()
            if id_ is not None and row.data.keys() & _AGENDA_FIELDS.keys()
        }
        items = self.uow.get_many("agenda_item", values, *_AGENDA_FIELDS.values()) if values else {}
        self.execute("agenda_item.update", _changes(values, items))


def _changes(values: Mapping[int, Fields], stored: Models) -> list[Fields]:
    """Elements with the values that aren't stored: importing a table again changes nothing."""
    elements = [
        {"id": id_, **{name: value for name, value in values[id_].items() if value != model[name]}}
        for id_, model in stored.items()
    ]
    return [element for element in elements if len(element) > 1]


def _as_stored(values: Fields) -> Fields:
    if not values.get("text"):
        return values
    try:
        return {**values, "text": Topic.text.clean_html(values["text"])}
    except FieldError:
        return values
