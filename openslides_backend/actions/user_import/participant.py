"""Import of participants (participant_import.md)."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.imports.columns import UploadPayload
from openslides_backend.actions.imports.execution import ImportAction
from openslides_backend.actions.imports.rows import Row
from openslides_backend.actions.imports.upload import JsonUpload
from openslides_backend.actions.user.presence import manages_users_from_outside
from openslides_backend.actions.user_import.checks import as_objects, check_accounts, check_weight
from openslides_backend.actions.user_import.columns import PARTICIPANT_COLUMNS
from openslides_backend.actions.user_import.execution import check_keys, left, write_accounts
from openslides_backend.actions.user_import.matching import Matching
from openslides_backend.actions.user_import.participation import (
    COLLECTIONS,
    Place,
    check_admins,
    check_locked_out,
    check_names,
    create_missing,
    find_names,
)
from openslides_backend.actions.user_import.rights import (
    compare_forbidden,
    judged_cases,
    refuse_handed_over,
    remove_forbidden,
)
from openslides_backend.engine.run import Results
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing
from openslides_backend.permissions.rules import Inquiry, Verdict, any_of, in_meeting, rule
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

_NAME = "participant"
_MEETING = "meeting_id"
_PLAIN = ("number", "vote_weight", "comment", "locked_out")
"""Columns that are called the same in the actions."""
_LISTS = {"groups": "group_ids", "structure_level": "structure_level_ids"}

_manages_participants = any_of(in_meeting(Permissions.User.CAN_MANAGE), manages_users_from_outside)


def _kept_meeting(result: object) -> int:
    """The meeting that a preview is for. Raises BadRequest if it names none."""
    meeting_id = result.get(_MEETING) if isinstance(result, dict) else None
    if not isinstance(meeting_id, int):
        raise BadRequest("The preview names no meeting.")
    return meeting_id


@rule
def _manages_participants_of_preview(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    preview = yield from existing("import_preview", element.id("id"), "result")
    place = Element(meeting_id=_kept_meeting(preview.get("result")))
    return (yield from _manages_participants.judge(inquiry, place))


class ParticipantJsonUpload(JsonUpload):
    """Show which participants of a meeting a table would create and update, and which accounts."""

    name = "participant.json_upload"
    import_name = _NAME
    payload = UploadPayload(PARTICIPANT_COLUMNS, with_meeting=True)
    permission = _manages_participants
    archived_exempt = True

    def judge(self, element: Fields, rows: Sequence[Row]) -> None:
        Matching(self.uow, rows).match()
        check_accounts(self.run, rows)
        self._place = Place(self.uow, element[_MEETING])
        find_names(rows, self._place)
        as_objects(rows, PARTICIPANT_COLUMNS)
        cases = judged_cases(self.run, rows, element[_MEETING])
        remove_forbidden(rows, cases)
        refuse_handed_over(rows, cases)
        check_locked_out(self.run, rows, self._place)
        for row in rows:
            check_weight(row, "vote_weight")

    def judge_last(self, element: Fields, rows: Sequence[Row]) -> None:
        check_admins(self.uow, rows, self._place)

    def more_statistics(self, rows: Sequence[Row]) -> Iterable[tuple[str, int]]:
        for column, name in (("structure_level", "structure levels created"), ("groups", "groups created")):
            yield name, len({e["value"] for row in rows for e in row.objects(column) if e.get("info") == "new"})

    def more_to_keep(self, element: Fields) -> Fields:
        return {_MEETING: element[_MEETING]}


class ParticipantImport(ImportAction):
    """Create and update the participants of a preview, with groups and structure levels that are missing."""

    name = "participant.import"
    import_name = _NAME
    permission = _manages_participants_of_preview
    archived_exempt = True

    def work(self, elements: list[Fields]) -> Results:
        self._meeting_id = _kept_meeting(self.stored_result(elements[0]))
        return super().work(elements)

    def check_again(self, rows: Sequence[Row]) -> None:
        check_keys(self.uow, rows)
        self._place = Place(self.uow, self._meeting_id)
        cases = judged_cases(self.run, rows, self._meeting_id)
        compare_forbidden(rows, cases)
        refuse_handed_over(rows, cases)
        check_names(rows, self._place)
        check_locked_out(self.run, rows, self._place)
        check_admins(self.uow, rows, self._place)

    def carry_out(self, rows: Sequence[Row]) -> None:
        create_missing(self, rows, self._place)
        ids = write_accounts(self, rows, [self._participation(row) for row in rows])
        present = [
            {"id": id_, _MEETING: self._meeting_id, "present": row.value("is_present")}
            for id_, row in zip(ids, rows, strict=True)
            if "is_present" in row.data and left(row, "is_present")
        ]
        self.execute("user.set_present", present)

    def _participation(self, row: Row) -> Fields:
        plain = row.handed([name for name in _PLAIN if left(row, name)])
        lists = {_LISTS[column]: self._ids(row, column) for column in COLLECTIONS if left(row, column)}
        return {_MEETING: self._meeting_id, **{k: v for k, v in plain.items() if v is not None}, **lists}

    def _ids(self, row: Row, column: str) -> list[int]:
        """The groups or structure levels of a row, without those that don't exist any more."""
        objects = row.objects(column)
        there = [e["id"] for e in objects if e.get("info") != "warning" or e["id"] in self._place.names[column]]
        return list(dict.fromkeys(there))
