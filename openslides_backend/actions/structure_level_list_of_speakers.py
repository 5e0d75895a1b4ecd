"""The speaking time of structure levels in lists of speakers (structure_level.md).

Times are seconds; remaining and additional time need not be whole and may be negative.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Matching, OfMeeting, Stored, same
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import StructureLevelListOfSpeakers
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.services.datastore import FilterModels, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.typing import Fields

COLLECTION = "structure_level_list_of_speakers"
_TIMES = ("additional_time", "remaining_time")
_DEFAULT_TIME = "list_of_speakers_default_structure_level_time"


class _Enabled(OfMeeting):
    """The meeting must have structure level countdowns."""

    def __init__(self) -> None:
        super().__init__(_DEFAULT_TIME)

    def check(self, element: Fields) -> None:
        if not self.action.meeting(element)[_DEFAULT_TIME]:
            raise BadRequest(f"The meeting has no structure level countdowns ({_DEFAULT_TIME}).")


class StructureLevelListOfSpeakersCreate(CreateAction):
    """Give a structure level time in a list of speakers, the meeting's default time unless another one is given."""

    name = "structure_level_list_of_speakers.create"
    model = StructureLevelListOfSpeakers
    payload = Payload(
        StructureLevelListOfSpeakers,
        required=["structure_level_id", "list_of_speakers_id"],
        not_null=["initial_time"],
    )
    permission = in_meeting_of("list_of_speakers_id", Permissions.ListOfSpeakers.CAN_MANAGE)
    meeting_source = "list_of_speakers_id"
    parts = (_Enabled(),)
    namesakes = Matching(COLLECTION, same("list_of_speakers_id", "structure_level_id"))

    def check(self, element: Fields) -> None:
        if self.namesakes.of(element):
            raise BadRequest(
                f"structure_level/{element['structure_level_id']} has time in "
                f"list_of_speakers/{element['list_of_speakers_id']} already."
            )

    def fill(self, element: Fields) -> None:
        if "initial_time" not in element:
            element["initial_time"] = self.meeting(element).get(_DEFAULT_TIME)
        element["remaining_time"] = element["initial_time"]


class StructureLevelListOfSpeakersUpdate(UpdateAction):
    """Set the time of a structure level anew, or (only from inside) account for a speech."""

    name = "structure_level_list_of_speakers.update"
    model = StructureLevelListOfSpeakers
    payload = Payload(StructureLevelListOfSpeakers, required=["id"], not_null=["initial_time", "remaining_time"])
    internal_payload = Payload(
        StructureLevelListOfSpeakers,
        required=["id"],
        not_null=["initial_time", "remaining_time"],
        optional=["current_start_time", "additional_time"],
        extra_optional={"spoken_time": {"type": "integer", "minimum": 0}},
    )
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    parts = (Stored("remaining_time"),)

    def clean(self, element: Any) -> Fields:
        inside = self.nested or self.run.context.internal
        return (self.internal_payload if inside else self.payload).clean(element)

    def check(self, element: Fields) -> None:
        if "initial_time" in element and element.keys() & {"current_start_time", "spoken_time", "remaining_time"}:
            raise BadRequest("initial_time can not be given together with other times.")
        if "remaining_time" in element and "spoken_time" in element:
            raise BadRequest("remaining_time can not be given together with spoken_time.")

    def fill(self, element: Fields) -> None:
        if "initial_time" in element:
            element["remaining_time"] = element["initial_time"]
        if "spoken_time" in element:
            element["remaining_time"] = (self.stored(element)["remaining_time"] or 0) - element.pop("spoken_time")


def _times(list_id: int) -> FilterModels:
    return filter_query(COLLECTION, equals(list_of_speakers_id=list_id), *_TIMES)


class StructureLevelListOfSpeakersAddTime(Action):
    """Make up for an overdrawn structure level by giving all structure levels of the list the same time."""

    name = "structure_level_list_of_speakers.add_time"
    model = StructureLevelListOfSpeakers
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    singular = True
    result_is_null = True
    parts = (_Enabled(), Stored("list_of_speakers_id", "current_start_time", "remaining_time"))

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        stored = [self.uow.peek(COLLECTION, element["id"], "list_of_speakers_id") for element in elements]
        return [_times(model["list_of_speakers_id"]) for model in stored if model and model["list_of_speakers_id"]]

    def check(self, element: Fields) -> None:
        own = self.stored(element)
        if own["current_start_time"] is not None:
            raise BadRequest("Time can not be added while the structure level is speaking.")
        if (own["remaining_time"] or 0) >= 0:
            raise BadRequest("The structure level has time left.")
        self.checked(own["list_of_speakers_id"], "There is no list of speakers.")

    def apply(self, element: Fields) -> None:
        """Add what is missing to all structure levels of the list."""
        own = self.stored(element)
        query = _times(own["list_of_speakers_id"])
        for id_, model in self.uow.filter(COLLECTION, query.filter, *_TIMES).items():
            times = {name: (model[name] or 0) - own["remaining_time"] for name in _TIMES}
            self.uow.update(COLLECTION, id_, times)


class StructureLevelListOfSpeakersDelete(DeleteAction):
    """Delete the time of a structure level in a list; its speakers lose the structure level. By cascade."""

    name = "structure_level_list_of_speakers.delete"
    model = StructureLevelListOfSpeakers
    visibility = Visibility.BACKEND_INTERNAL
