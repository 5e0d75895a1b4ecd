"""Recommend states for motions."""

from collections.abc import Sequence

from openslides_backend.actions.motion.arrival import STATE_FIELDS, LastModified
from openslides_backend.actions.motion.permission import may_manage_metadata
from openslides_backend.actions.motion.states import CurrentState
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Related
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Motion
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class MotionSetRecommendation(UpdateAction):
    """Recommend a state of the motion's workflow, which must have a label for that."""

    name = "motion.set_recommendation"
    model = Motion
    payload = Payload(Motion, required=["id", "recommendation_id"])
    permission = may_manage_metadata
    parts = (LastModified(),)
    current = CurrentState()
    recommended = Related("recommendation_id", *STATE_FIELDS)

    def check(self, element: Fields) -> None:
        current = self.current.of(element, "workflow_id")
        (recommended,) = self.recommended.all_of(element)
        if current is None or recommended["workflow_id"] != current["workflow_id"]:
            raise InvalidField("recommendation_id", "The state is not of the workflow that the motion is in.")
        if recommended["recommendation_label"] is None:
            raise InvalidField("recommendation_id", "The state has no label, it is not meant to be recommended.")

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            state = make_fqid("motion_state", element["recommendation_id"])
            self.tell(make_fqid("motion", element["id"]), "Recommendation set to {}", state)


class MotionResetRecommendation(UpdateAction):
    """Take a recommendation back; its extension stays."""

    name = "motion.reset_recommendation"
    model = Motion
    permission = may_manage_metadata
    parts = (LastModified(),)

    def fill(self, element: Fields) -> None:
        element["recommendation_id"] = None

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("motion", element["id"]), "Recommendation reset")
