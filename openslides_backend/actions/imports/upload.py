"""First step of an import: rows are judged and a preview of them is stored (imports.md, "Step 1")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import time
from typing import ClassVar

from openslides_backend.actions.imports.columns import UploadPayload
from openslides_backend.actions.imports.rows import Row, preview_state, statistics
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import Results
from openslides_backend.models.models import ImportPreview
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


@dataclass(slots=True)
class _PreviewIds:
    """The ids of the previews, in all tries of the batch."""

    by_action: dict[str, int] = field(default_factory=dict)


class JsonUpload(Action):
    """Judges rows and stores a preview of them; nothing else is changed.

    An import declares `payload` (its columns), `import_name` and `permission`, and judges the rows in `judge`.
    """

    model = ImportPreview
    singular = True
    withheld = ("data",)
    payload: ClassVar[UploadPayload]
    import_name: ClassVar[str]

    def judge(self, element: Fields, rows: Sequence[Row]) -> None:
        """Find out what the rows mean: their states, messages and value objects. They begin as `new`."""
        raise NotImplementedError

    def judge_last(self, element: Fields, rows: Sequence[Row]) -> None:
        """Find out what is told in the rows only: the statistics and the state of the preview are made before."""

    def more_statistics(self, rows: Sequence[Row]) -> Iterable[tuple[str, int]]:
        """Names and values of what is counted in this import only."""
        return ()

    def more_to_keep(self, element: Fields) -> Fields:
        """What the second step needs besides the rows."""
        return {}

    def check_early(self, elements: Sequence[Fields]) -> None:
        if not self.payload.with_meeting:
            return
        for element in elements:
            if not self.uow.exists("meeting", element["meeting_id"]):
                raise ModelDoesNotExist(make_fqid("meeting", element["meeting_id"]))

    def work(self, elements: list[Fields]) -> Results:
        """Judge the rows, store the preview, answer with it."""
        (element,) = elements
        rows = [Row(row) for row in element["data"]]
        self.judge(element, rows)
        counted = [*statistics(rows), *self.more_statistics(rows)]
        state = preview_state(rows)
        self.judge_last(element, rows)
        preview: Fields = {
            "id": self._preview_id(),
            "name": self.import_name,
            "state": state,
            "created": int(time()),
            "result": {"rows": [row.to_json() for row in rows], **self.more_to_keep(element)},
        }
        self.run.services.datastore.write_without_events(make_fqid("import_preview", preview["id"]), preview)
        return [
            {
                "id": preview["id"],
                "headers": self.payload.headers,
                "rows": preview["result"]["rows"],
                "statistics": [{"name": name, "value": value} for name, value in counted],
                "state": preview["state"],
            }
        ]

    def _preview_id(self) -> int:
        """The id, which a retry of the batch keeps: the preview is written at once and can't be undone."""
        ids = self.run.kept(_PreviewIds).by_action
        if self.name not in ids:
            (ids[self.name],) = self.uow.next_ids("import_preview", 1)
        return ids[self.name]
