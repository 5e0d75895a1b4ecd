"""Create motions and amendments."""

from collections.abc import Sequence

from openslides_backend.actions.motion.arrival import FirstState
from openslides_backend.actions.motion.identical import IdenticalMotions
from openslides_backend.actions.motion.numbers import Numbers
from openslides_backend.actions.motion.people import Submitters, Supporters
from openslides_backend.actions.motion.permission import may_create
from openslides_backend.actions.motion.texts import PARAGRAPHS_SCHEMA, MotionPayload
from openslides_backend.actions.shared.agenda import AgendaItem, ListOfSpeakers
from openslides_backend.actions.shared.attachments import Attachments
from openslides_backend.actions.shared.unique import UniqueInMeeting
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import OfMeeting, Related
from openslides_backend.engine.payload import OPTIONAL_ID
from openslides_backend.models.models import Motion
from openslides_backend.models.motion_text import PARAGRAPHS
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_REASON_REQUIRED = "motions_reason_required"
_OTHER_SUBMITTERS = "motions_create_enable_additional_submitter_text"
_BODIES = ("text", PARAGRAPHS)


class _FromLeadMotion(Related):
    """What an amendment takes over from its lead motion: the category, unless it says something else about it."""

    def prepare(self, elements: list[Fields]) -> None:
        for element in elements:
            lead_id = element.get("lead_motion_id")
            if lead_id is None or "category_id" in element:
                continue
            element["category_id"] = self.uow.find_fields("motion", lead_id, "category_id")["category_id"]


class _Body(Part):
    """A motion has a text. An amendment has either a text or new paragraphs of that of its lead motion."""

    def check(self, element: Fields) -> None:
        has_text, has_paragraphs = (bool(element.get(name)) for name in _BODIES)
        if element.get("lead_motion_id") is not None:
            if has_text == has_paragraphs:
                raise InvalidField("text", "An amendment needs either a text or amendment_paragraphs.")
        elif not has_text:
            raise InvalidField("text", "A motion needs a text.")
        elif has_paragraphs:
            raise InvalidField(PARAGRAPHS, "Only an amendment, which has a lead motion, can have paragraphs.")

    def fill(self, element: Fields) -> None:
        if element.get("lead_motion_id") is not None:
            for name in _BODIES:
                if not element.get(name):
                    element.pop(name, None)


class MotionCreate(CreateAction):
    """Create a motion or an amendment, in the first state of a workflow, with its people and all that comes with it."""

    name = "motion.create"
    model = Motion
    payload = MotionPayload(
        Motion,
        required=["meeting_id", "title"],
        optional=[
            "text",
            PARAGRAPHS,
            "reason",
            "lead_motion_id",
            "number",
            "additional_submitter",
            "sort_parent_id",
            "category_id",
            "block_id",
            "tag_ids",
        ],
        extra_optional={"workflow_id": OPTIONAL_ID},
        narrowed={PARAGRAPHS: PARAGRAPHS_SCHEMA},
    )
    permission = may_create
    parts = (
        OfMeeting(_REASON_REQUIRED, _OTHER_SUBMITTERS),
        _Body(),
        _FromLeadMotion("lead_motion_id", "meeting_id", "number", "category_id"),
        UniqueInMeeting("number"),
        FirstState(),
        Submitters(),
        Supporters(),
        Numbers(),
        IdenticalMotions(),
        Attachments(),
        AgendaItem(),
        ListOfSpeakers(),
    )

    def check(self, element: Fields) -> None:
        meeting = self.meeting(element)
        if meeting[_REASON_REQUIRED] and not element.get("reason"):
            raise InvalidField("reason", "The meeting demands one.")
        if "additional_submitter" in element and not meeting[_OTHER_SUBMITTERS]:
            raise InvalidField("additional_submitter", "The meeting does not allow this.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("motion", element["id"]), "Motion created")
