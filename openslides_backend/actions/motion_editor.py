"""Editors of motions (motion_people.md)."""

from openslides_backend.actions.shared.motion_people import (
    CreateOrderedPerson,
    DeletePerson,
    SortPeople,
    UpdatePerson,
    new_person_payload,
    new_weight_payload,
)
from openslides_backend.engine.sorting import linear_payload
from openslides_backend.models.models import MotionEditor


class MotionEditorCreate(CreateOrderedPerson):
    """Make somebody an editor of a motion."""

    name = "motion_editor.create"
    model = MotionEditor
    payload = new_person_payload(MotionEditor)


class MotionEditorDelete(DeletePerson):
    """Take an editor away from a motion."""

    name = "motion_editor.delete"
    model = MotionEditor


class MotionEditorSort(SortPeople):
    """Arrange the editors of a motion."""

    name = "motion_editor.sort"
    model = MotionEditor
    payload = linear_payload(MotionEditor, "motion_id", "motion_editor_ids")
    ids_key = "motion_editor_ids"


class MotionEditorUpdate(UpdatePerson):
    """Give an editor another weight."""

    name = "motion_editor.update"
    model = MotionEditor
    payload = new_weight_payload(MotionEditor)
