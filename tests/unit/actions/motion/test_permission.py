"""Who may give which fields of motions (motion.md, "Allowed when")."""

from openslides_backend.actions.motion.create import MotionCreate
from openslides_backend.actions.motion.permission import (
    METADATA_FIELDS,
    NEW_MOTION_FREE,
    NEW_MOTION_NEEDS,
    SUBMITTER_FIELDS,
)
from openslides_backend.actions.motion.update import MotionUpdate


def test_each_field_of_a_new_motion_is_free_or_needs_something() -> None:
    needing = [name for names, _ in NEW_MOTION_NEEDS for name in names]
    assert sorted([*NEW_MOTION_FREE, *needing]) == sorted(MotionCreate.payload.element_schema["properties"])


def test_fields_of_roles_can_be_changed() -> None:
    named = {*SUBMITTER_FIELDS, *METADATA_FIELDS}
    assert len(named) == len(SUBMITTER_FIELDS) + len(METADATA_FIELDS)
    assert named < MotionUpdate.payload.element_schema["properties"].keys()
