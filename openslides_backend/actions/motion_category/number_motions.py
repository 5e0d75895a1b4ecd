"""Number the motions of a category and of all below it."""

from openslides_backend.actions.motion_category.numbering import CategoryTree, Number, Style
from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import MotionCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models

_CATEGORY = ("child_ids", "motion_ids", "parent_id", "prefix", "weight")
_MOTION = ("id", "category_id", "category_weight", "lead_motion_id", "meeting_id", "number")


class MotionCategoryNumberMotions(Action):
    """Number all motions anew; amendments behind the motions that they amend."""

    name = "motion_category.number_motions"
    model = MotionCategory
    payload = Payload(MotionCategory, required=["id"])
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    result_is_null = True
    parts = (
        OfMeeting("motions_number_min_digits", "motions_number_with_blank", "motions_amendments_prefix"),
        Stored(*_CATEGORY),
    )

    def work(self, elements: list[Fields]) -> Results:
        """Compute all numbers from what is stored, then write them, and tell history."""
        meetings = dict.fromkeys(self.meeting_id(element) for element in elements)
        self.uow.prefetch(query for meeting_id in meetings for query in self._queries(meeting_id))
        contents = {meeting_id: self._contents(meeting_id) for meeting_id in meetings}
        numbers: dict[int, Number] = {}
        for index, element in enumerate(elements):
            with blaming(index):
                numbers.update(self._numbers(element, *contents[self.meeting_id(element)]))
        for id_, number in numbers.items():
            fields = {"number": number.text, "number_value": number.value, "last_modified": self.run.now}
            self.uow.update("motion", id_, fields)
            self.tell(make_fqid("motion", id_), "Motion number set")
        return []

    @staticmethod
    def _queries(meeting_id: int | None) -> list[Query]:
        scope = equals(meeting_id=meeting_id)
        return [filter_query("motion_category", scope, *_CATEGORY), filter_query("motion", scope, *_MOTION)]

    def _contents(self, meeting_id: int | None) -> tuple[Models, Models]:
        """All categories and motions of the meeting: which of them are affected is known afterwards only."""
        scope = equals(meeting_id=meeting_id)
        return (
            self.uow.filter("motion_category", scope, *_CATEGORY, constant=True),
            self.uow.filter("motion", scope, *_MOTION, constant=True),
        )

    def _numbers(self, element: Fields, categories: Models, motions: Models) -> dict[int, Number]:
        stored = self.uow.get("motion_category", element["id"], "meeting_id")
        meeting_id = self.checked(stored.get("meeting_id"), f"motion_category/{element['id']} has no meeting_id.")
        tree = CategoryTree(element["id"], categories, motions)
        self._read_strays(tree, categories, motions)
        return tree.numbers(Style.of_meeting(self.meeting(element)), meeting_id)

    def _read_strays(self, tree: CategoryTree, categories: Models, motions: Models) -> None:
        """Read what the tree names although it doesn't name the meeting; no read where the data are complete."""
        asked: set[tuple[str, int]] = set()
        while True:
            stray_categories = [id_ for id_ in tree.missing_categories() if ("motion_category", id_) not in asked]
            stray_motions = [id_ for id_ in tree.missing_motions() if ("motion", id_) not in asked]
            if not stray_categories and not stray_motions:
                return
            asked.update(("motion_category", id_) for id_ in stray_categories)
            asked.update(("motion", id_) for id_ in stray_motions)
            self.uow.prefetch(
                [
                    GetMany("motion_category", tuple(stray_categories), _CATEGORY),
                    GetMany("motion", tuple(stray_motions), _MOTION),
                ]
            )
            categories.update(self.uow.get_many("motion_category", stray_categories, *_CATEGORY))
            motions.update(self.uow.get_many("motion", stray_motions, *_MOTION))
