"""Change motions."""

from collections.abc import Iterable, Iterator, Sequence

from openslides_backend.actions.motion.arrival import STATE_FIELDS, LastModified, value_of
from openslides_backend.actions.motion.identical import IdenticalMotions
from openslides_backend.actions.motion.life import SETS_TIMESTAMP, stamped
from openslides_backend.actions.motion.permission import may_update
from openslides_backend.actions.motion.references import EXTENSIONS, References
from openslides_backend.actions.motion.states import CurrentState
from openslides_backend.actions.motion.texts import PARAGRAPHS_SCHEMA, MotionPayload
from openslides_backend.actions.shared.attachments import Attachments
from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import OfMeeting, Related, Stored, ids_in
from openslides_backend.engine.payload import OPTIONAL_ID
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import Motion
from openslides_backend.models.motion_text import PARAGRAPHS
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_TIMESTAMP = "workflow_timestamp"
_REASON_REQUIRED = "motions_reason_required"
_BODIES = ("text", PARAGRAPHS)
_TOLD_AS_UPDATED = (
    "title",
    "text",
    "reason",
    "attachment_mediafile_ids",
    PARAGRAPHS,
    "start_line_number",
    "state_extension",
)


class _OtherWorkflow(Related):
    """With another workflow a motion begins anew: in its first state, without recommendation. Its number stays."""

    action: "MotionUpdate"

    def __init__(self) -> None:
        super().__init__("workflow_id", "first_state_id", collection="motion_workflow")

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        workflows = self.uow.peek_all("motion_workflow", ids_in(elements, "workflow_id"), *self.names)
        return [
            *super().reads(elements),
            models_query("motion_state", ids_in(workflows, "first_state_id"), *STATE_FIELDS),
        ]

    def prepare(self, elements: list[Fields]) -> None:
        for element in elements:
            if not self.is_new(element):
                continue
            state_id = value_of(self.uow.find, "motion_workflow", element["workflow_id"], "first_state_id")
            if state_id is not None:
                state = self.uow.find_fields("motion_state", state_id, SETS_TIMESTAMP)
                stamp = stamped(state[SETS_TIMESTAMP], None, self.run.now)
                element.update({**stamp, **element, "state_id": state_id, "recommendation_id": None})

    def check(self, element: Fields) -> None:
        if self.is_new(element) and "state_id" not in element:
            self.all_of(element)
            raise InvalidField("workflow_id", "The workflow has no first state.")

    def is_new(self, element: Fields) -> bool:
        """Whether the element names a workflow that isn't the one that its motion is in."""
        workflow_id = element.get("workflow_id")
        if workflow_id is None or not self.uow.exists("motion", element["id"]):
            return False
        current = self.action.current.of(element, "workflow_id")
        return current is None or current["workflow_id"] != workflow_id


class MotionUpdate(UpdateAction):
    """Change a motion; who may change what depends on the role. Attachments are replaced as a whole."""

    name = "motion.update"
    model = Motion
    payload = MotionPayload(
        Motion,
        required=["id"],
        optional=[
            "number",
            *_BODIES,
            "reason",
            "modified_final_version",
            "additional_submitter",
            *EXTENSIONS,
            "start_line_number",
            "category_id",
            "block_id",
            "tag_ids",
            "created",
            _TIMESTAMP,
        ],
        not_null=["title"],
        narrowed={PARAGRAPHS: PARAGRAPHS_SCHEMA},
        extra_optional={"workflow_id": OPTIONAL_ID},
    )
    permission = may_update
    current = CurrentState()
    parts = (
        Stored(*_BODIES),
        OfMeeting(_REASON_REQUIRED),
        UniqueInMeeting("number"),
        References(),
        _OtherWorkflow(),
        LastModified(),
        IdenticalMotions(),
        Attachments(),
    )

    def check(self, element: Fields) -> None:
        for name in _BODIES:
            if element.get(name) and not self.stored(element)[name]:
                raise InvalidField(name, "The motion has none that could be changed.")
        if "reason" in element and not element["reason"] and self.meeting(element)[_REASON_REQUIRED]:
            raise InvalidField("reason", "The meeting demands one.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            if texts := list(_told(element)):
                self.tell(make_fqid("motion", element["id"]), *texts)


def _told(element: Fields) -> Iterator[str]:
    """What history tells about the new values of a motion."""
    if _TIMESTAMP in element:
        yield from _set_or_removed("Workflow timestamp", element[_TIMESTAMP], str(element[_TIMESTAMP]))
    for name, title, collection in (
        ("category_id", "Category", "motion_category"),
        ("block_id", "Motion block", "motion_block"),
    ):
        if name in element:
            yield from _set_or_removed(title, element[name], f"{collection}/{element[name]}")
    if any(name in element for name in _TOLD_AS_UPDATED):
        yield "Motion updated"


def _set_or_removed(title: str, value: int | None, text: str) -> tuple[str, ...]:
    return (f"{title} removed",) if value is None else (f"{title} set to {{}}", text)
