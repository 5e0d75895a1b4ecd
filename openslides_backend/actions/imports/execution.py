"""Second step of an import: a preview is checked again and carried out, or thrown away (imports.md, "Step 2")."""

from collections.abc import Sequence
from typing import Any, ClassVar

from openslides_backend.actions.imports.rows import STATES, Row
from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import BOOLEAN, Payload
from openslides_backend.engine.run import Results
from openslides_backend.models.models import ImportPreview
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.questions import existing
from openslides_backend.permissions.rules import Inquiry, Rule, Verdict, in_meeting, rule
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


def meeting_of_first_row(result: Any) -> int:
    """The meeting that the first row of a stored preview names.

    Raises BadRequest if there is none.
    """
    rows = result.get("rows") if isinstance(result, dict) else None
    data = rows[0].get("data") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    meeting_id = data.get("meeting_id") if isinstance(data, dict) else None
    if not isinstance(meeting_id, int):
        raise BadRequest("The preview names no meeting.")
    return meeting_id


def in_meeting_of_first_row(permission: str) -> Rule:
    """The user has the permission in the meeting that the first row of the preview names."""

    def judge(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
        preview = yield from existing("import_preview", element.id("id"), "result")
        place = Element(meeting_id=meeting_of_first_row(preview["result"]))
        return (yield from in_meeting(permission).judge(inquiry, place))

    return rule(judge)


class ImportAction(Action):
    """Carries a preview out, or throws it away.

    An import declares `import_name` and `permission`, checks its rows in `check_again` and calls the actions that they
    lead to in `carry_out`. The preview is deleted once the batch is written.

    The rows of a preview may be many megabytes: they are read once it is clear that the user may carry it out.
    """

    model = ImportPreview
    singular = True
    payload = Payload(ImportPreview, required=["id"], extra_required={"import": BOOLEAN})
    parts = (Stored("name", "state"),)
    import_name: ClassVar[str]

    def check_again(self, rows: Sequence[Row]) -> None:
        """Compare the rows with the present data; those that can't be imported any more become errors."""
        raise NotImplementedError

    def carry_out(self, rows: Sequence[Row]) -> None:
        """Call the actions that the rows lead to.

        What is told of the rows afterwards is theirs: they may be given the ids of what has been created.
        """
        raise NotImplementedError

    def stored_result(self, element: Fields) -> Any:
        """What the first step has kept: the rows, and what `JsonUpload.more_to_keep` has told."""
        return self.uow.get("import_preview", element["id"], "result")["result"]

    def check_early(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            preview = self.stored(element)
            if preview["name"] != self.import_name:
                raise BadRequest(f"Preview {element['id']} is no import of this kind: {self.import_name}.")
            if preview["state"] not in STATES:
                raise BadRequest(f"Preview {element['id']} has no valid state.")
            if preview["state"] == "error":
                raise BadRequest(f"Preview {element['id']} has errors and can not be imported.")

    def work(self, elements: list[Fields]) -> Results:
        """Check and carry out, unless there is an error; or only throw the preview away."""
        (element,) = elements
        rows = self._rows(element)
        if element["import"]:
            self.check_again(rows)
            if any(row.state == "error" for row in rows):
                return [{"rows": [row.to_json() for row in rows], "state": "error"}]
            self.carry_out(rows)
            self._use_up(element["id"])
        fqid, datastore = make_fqid("import_preview", element["id"]), self.run.services.datastore
        self.run.after_commit.append(lambda: datastore.delete_without_events([fqid]))
        return [{"rows": [row.to_json() for row in rows], "state": "done"}]

    def _use_up(self, preview_id: int) -> None:
        """Mark the preview deleted in the same write, so that it can't be carried out twice at the same time.

        Nothing is written for that alone: rows that change nothing may be carried out as often as somebody likes.
        """
        if any(change.events() for _, _, change in self.uow.changes()):
            self.uow.begin_delete("import_preview", preview_id)

    def _rows(self, element: Fields) -> list[Row]:
        result = self.stored_result(element)
        if not isinstance(result, dict) or not isinstance(result.get("rows"), list):
            raise BadRequest(f"Preview {element['id']} has no rows.")
        return [Row.from_json(row) for row in result["rows"]]
