"""Arrange the motions of a meeting."""

from openslides_backend.actions.motion.permission import may_manage
from openslides_backend.engine.sorting import TreePayload, TreeSortAction
from openslides_backend.models.models import Motion


class MotionSort(TreeSortAction):
    """Arrange all motions of a meeting as a tree, amendments included."""

    name = "motion.sort"
    model = Motion
    payload = TreePayload(Motion)
    permission = may_manage
    weight_field = "sort_weight"
    parent_field = "sort_parent_id"
    children_field = "sort_child_ids"
