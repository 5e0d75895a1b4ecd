"""Submitters of motions (motion_people.md)."""

from collections.abc import Sequence

from openslides_backend.actions.shared.motion_people import (
    CreateOrderedPerson,
    DeletePerson,
    SortPeople,
    UpdatePerson,
    new_person_payload,
    new_weight_payload,
    tell_motions,
)
from openslides_backend.engine.sorting import linear_payload
from openslides_backend.models.models import MotionSubmitter
from openslides_backend.shared.typing import Fields

_CHANGED = "Submitters changed"


class MotionSubmitterCreate(CreateOrderedPerson):
    """Make somebody a submitter of a motion."""

    name = "motion_submitter.create"
    model = MotionSubmitter
    payload = new_person_payload(MotionSubmitter)
    trusts_insiders = True

    def tell_history(self, elements: Sequence[Fields]) -> None:
        tell_motions(self, elements, _CHANGED)


class MotionSubmitterDelete(DeletePerson):
    """Take a submitter away from a motion."""

    name = "motion_submitter.delete"
    model = MotionSubmitter

    def tell_history(self, elements: Sequence[Fields]) -> None:
        tell_motions(self, elements, _CHANGED)


class MotionSubmitterSort(SortPeople):
    """Arrange the submitters of a motion."""

    name = "motion_submitter.sort"
    model = MotionSubmitter
    payload = linear_payload(MotionSubmitter, "motion_id", "motion_submitter_ids")
    ids_key = "motion_submitter_ids"


class MotionSubmitterUpdate(UpdatePerson):
    """Give a submitter another weight."""

    name = "motion_submitter.update"
    model = MotionSubmitter
    payload = new_weight_payload(MotionSubmitter)
