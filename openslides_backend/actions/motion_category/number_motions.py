"""Number the motions of a category and of all below it."""

from collections import defaultdict

from openslides_backend.actions.motion_category.numbering import CategoryTree, Number, Style
from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query, models_query
from openslides_backend.models.models import MotionCategory
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models

_CATEGORY = ("child_ids", "motion_ids", "parent_id", "prefix", "weight")
_READ = {
    "motion_category": _CATEGORY,
    "motion": ("id", "category_id", "category_weight", "lead_motion_id", "meeting_id", "number"),
}


class MotionCategoryNumberMotions(Action):
    """Number all motions anew; amendments behind the motions that they amend."""

    name = "motion_category.number_motions"
    model = MotionCategory
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)
    result_is_null = True
    parts = (
        OfMeeting("motions_number_min_digits", "motions_number_with_blank", "motions_amendments_prefix"),
        Stored(*_CATEGORY),
    )

    def work(self, elements: list[Fields]) -> Results:
        """Compute all numbers from what is stored, then write them, and tell history."""
        # All categories and motions of the meetings: which of them are affected is known afterwards only.
        scopes = {id_: equals(meeting_id=id_) for id_ in map(self.meeting_id, elements)}
        self.uow.prefetch(filter_query(name, scope, *_READ[name]) for scope in scopes.values() for name in _READ)
        contents = {
            id_: [self.uow.filter(name, scope, *_READ[name], constant=True) for name in _READ]
            for id_, scope in scopes.items()
        }
        numbers: dict[int, Number] = {}
        for index, element in enumerate(elements):
            with blaming(index):
                numbers.update(self._numbers(element, *contents[self.meeting_id(element)]))
        for id_, number in numbers.items():
            fields = {"number": number.text, "number_value": number.value, "last_modified": self.run.now}
            self.uow.update("motion", id_, fields)
            self.tell(make_fqid("motion", id_), "Motion number set")
        return []

    def _numbers(self, element: Fields, categories: Models, motions: Models) -> dict[int, Number]:
        stored = self.uow.get("motion_category", element["id"], "meeting_id")
        meeting_id = self.checked(stored.get("meeting_id"), f"motion_category/{element['id']} has no meeting_id.")
        tree = CategoryTree(element["id"], categories, motions)
        self._read_strays(tree, categories, motions)
        return tree.numbers(Style.of_meeting(self.meeting(element)), meeting_id)

    def _read_strays(self, tree: CategoryTree, categories: Models, motions: Models) -> None:
        """Read what the tree names although it doesn't name the meeting; no read where the data are complete."""
        read, asked = {"motion_category": categories, "motion": motions}, defaultdict[str, set[int]](set)
        while True:
            missing = {"motion_category": tree.missing_categories(), "motion": tree.missing_motions()}
            strays = {name: ids - asked[name] for name, ids in missing.items()}
            if not any(strays.values()):
                return
            self.uow.prefetch(models_query(name, ids, *_READ[name]) for name, ids in strays.items())
            for name, ids in strays.items():
                asked[name] |= ids
                read[name].update(self.uow.get_many(name, ids, *_READ[name]))
