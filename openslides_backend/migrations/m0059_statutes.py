"""Motions to change statutes are no kind of their own any longer: they are removed, and so is all that they need."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.relations import remove, with_dependents


def migrate(data: Data) -> None:
    motions = [motion for motion in data.models("motion") if motion.id_of("statute_paragraph_id") is not None]
    for motion in motions:
        if motion.id_of("lead_motion_id") is not None:
            raise motion.failure("lead_motion_id", "motions that change a statute can't be amendments")
    remove(data, with_dependents(data, {"motion": [motion.id for motion in motions]}))
    data.drop("motion_statute_paragraph")
    data.remove_fields("motion", "statute_paragraph_id")
    data.remove_fields("motion_workflow", "default_statute_amendment_workflow_meeting_id")
    data.remove_fields(
        "meeting",
        "motions_statutes_enabled",
        "motions_statute_recommendations_by",
        "motion_statute_paragraph_ids",
        "motions_default_statute_amendment_workflow_id",
    )
