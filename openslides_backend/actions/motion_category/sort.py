"""Arrange categories, and the motions of one."""

from openslides_backend.engine.sorting import LinearSortAction, TreePayload, TreeSortAction, linear_payload
from openslides_backend.models.models import MotionCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


class MotionCategorySort(TreeSortAction):
    """Arrange all categories of a meeting as a tree."""

    name = "motion_category.sort"
    model = MotionCategory
    payload = TreePayload(MotionCategory)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    level_field = "level"


class MotionCategorySortMotions(LinearSortAction):
    """Give all motions of a category a new order."""

    name = "motion_category.sort_motions_in_category"
    model = MotionCategory
    payload = linear_payload(MotionCategory, "id", "motion_ids")
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    main_key = "id"
    ids_key = "motion_ids"
    sorted_collection = "motion"
    weight_field = "category_weight"

    def scope(self, element: Fields) -> Filter | None:
        meeting_id = self.meeting_id(element)
        return None if meeting_id is None else equals(category_id=element["id"], meeting_id=meeting_id)

    def require(self, element: Fields) -> None:
        self.uow.get("motion_category", element["id"], "id")
