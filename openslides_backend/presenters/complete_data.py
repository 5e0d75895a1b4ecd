"""Presenters on complete data: exports, and checks of their consistency."""

from collections.abc import Iterator

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.presenting.presenter import ID, Presenter, takes
from openslides_backend.services.datastore import GetAll
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models
from openslides_backend.transfer.checker import FORWARDING_FIELDS, MIGRATION_KEY, CheckMode, check_data
from openslides_backend.transfer.export import export_meeting
from openslides_backend.transfer.findings import CheckFailed

_NOT_IN_MEETING_EXPORT = ("organization_tag_ids", "default_meeting_for_committee_id")
_UNCHECKED_COLLECTIONS = frozenset({"action_worker", "import_preview"})


class ExportMeeting(Presenter):
    """A meeting with all that belongs to it, to be imported elsewhere."""

    name = "export_meeting"
    data = takes({"meeting_id": ID}, additional=True)
    permission = oml(Level.SUPERADMIN)

    def present(self, data: Fields) -> object:
        meeting_id = data["meeting_id"]
        export = export_meeting(self.datastore, meeting_id, internal=False)
        meeting = export["meeting"][str(meeting_id)]
        if meeting.get("locked_from_inside"):
            raise BadRequest(f"Meeting {meeting_id} is locked from inside: it can't be exported.")
        for name in _NOT_IN_MEETING_EXPORT:
            meeting.pop(name, None)
        return export


class CheckDatabase(Presenter):
    """Whether a meeting, or every one, is consistent in itself. One meeting after the other is read and checked."""

    name = "check_database"
    data = takes({"meeting_id": {"anyOf": [ID, {"type": "null"}]}}, required=[])
    permission = oml(Level.SUPERADMIN)

    def present(self, data: Fields) -> object:
        meeting_id = data.get("meeting_id")
        errors = "\n".join(self._errors(self._all_meetings() if meeting_id is None else [meeting_id]))
        return {"ok": not errors, "errors": errors}

    def _all_meetings(self) -> list[int]:
        (meetings,) = self.datastore.read([GetAll("meeting", ("id",))])
        return sorted(meetings)

    def _errors(self, meeting_ids: list[int]) -> Iterator[str]:
        for meeting_id in meeting_ids:
            export = export_meeting(self.datastore, meeting_id, internal=True)
            removed = {"motion": FORWARDING_FIELDS}
            try:
                check_data(export, mode=CheckMode.INTERNAL, repair=True, fields_to_remove=removed)
            except CheckFailed as failure:
                yield f"Meeting {meeting_id}\n{failure}"


class CheckDatabaseAll(Presenter):
    """Whether all stored data are consistent."""

    name = "check_database_all"
    data = takes({}, additional=True)
    permission = oml(Level.SUPERADMIN)

    def present(self, data: Fields) -> object:
        queries = [GetAll(collection) for collection in sorted(MODELS) if collection not in _UNCHECKED_COLLECTIONS]
        stored: list[Models] = self.datastore.read(queries)
        everything: Fields = {MIGRATION_KEY: MIGRATION_INDEX}
        for query, models in zip(queries, stored, strict=True):
            everything[query.collection] = {str(id_): _without_meta(model) for id_, model in models.items()}
        try:
            check_data(everything, stored=True)
        except CheckFailed as failure:
            return {"ok": False, "errors": str(failure)}
        return {"ok": True}


def _without_meta(model: Fields) -> Fields:
    return {name: value for name, value in model.items() if not name.startswith("meta_")}
