"""How many meetings an import of committees may make (committee_import.md, "Amount of meetings")."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from openslides_backend.actions.committee.import_rules import done_id
from openslides_backend.actions.imports.rows import Row
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.transfer.export import owning_fields

MAX_MEETINGS: Final = 100
"""How many meetings one import may make. An empty one takes 10 milliseconds, and may be made of a line of a table."""
MAX_CLONED: Final = 100_000
"""How many models the meetings that one import clones may own together: half a minute, and a gigabyte."""
_TEMPLATE = "meeting_template"


def fail_too_many_meetings(uow: UnitOfWork, rows: Sequence[Row]) -> None:
    """Let the rows fail that make more meetings than one import may, or clone more. One read if there are templates."""
    making = [row for row in rows if "meeting_name" in row.data and row.state != "error"]
    for row in making[MAX_MEETINGS:]:
        row.fail(f"meeting_name: one import makes {MAX_MEETINGS} meetings at most.")
    cloning = [(row, id_) for row in making[:MAX_MEETINGS] if (id_ := done_id(row, _TEMPLATE)) is not None]
    sizes = _sizes(uow, {id_ for _, id_ in cloning})
    left = MAX_CLONED
    for row, template_id in cloning:
        left -= sizes.get(template_id, 0)
        if left < 0:
            row.fail(f"{_TEMPLATE}: the clones of one import hold {MAX_CLONED} models at most.", _TEMPLATE)


def _sizes(uow: UnitOfWork, meeting_ids: Iterable[int]) -> Mapping[int, int]:
    """How many models each of the meetings owns."""
    names = owning_fields()
    meetings = uow.get_many("meeting", sorted(meeting_ids), *names)
    return {id_: sum(_length(meeting[name]) for name in names) for id_, meeting in meetings.items()}


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else int(value is not None)
