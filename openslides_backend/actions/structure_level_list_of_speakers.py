"""The speaking time of structure levels in lists of speakers (structure_level.md).

Times are seconds; remaining and additional time need not be whole and may be negative.
"""

from collections.abc import Sequence
from typing import Any

from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import StructureLevelListOfSpeakers
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting, in_meeting_of
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

COLLECTION = "structure_level_list_of_speakers"
_DEFAULT_TIME = "list_of_speakers_default_structure_level_time"


def _check_enabled(meeting: Fields) -> None:
    if not meeting.get(_DEFAULT_TIME):
        raise BadRequest(f"The meeting has no structure level countdowns ({_DEFAULT_TIME}).")


def _same(element: Fields) -> Filter:
    return equals(list_of_speakers_id=element["list_of_speakers_id"], structure_level_id=element["structure_level_id"])


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
    parts = (OfMeeting(_DEFAULT_TIME),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        scopes = dict.fromkeys(_same(element) for element in elements)
        return [*super().reads(elements), *(filter_query(COLLECTION, scope, "id") for scope in scopes)]

    def check(self, element: Fields) -> None:
        if self.uow.any(COLLECTION, _same(element)):
            raise BadRequest(
                f"structure_level/{element['structure_level_id']} has time in "
                f"list_of_speakers/{element['list_of_speakers_id']} already."
            )
        _check_enabled(self.meeting(element))

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

    def fill(self, element: Fields) -> None:
        if "initial_time" in element and element.keys() & {"current_start_time", "spoken_time", "remaining_time"}:
            raise BadRequest("initial_time can not be given together with other times.")
        if "remaining_time" in element and "spoken_time" in element:
            raise BadRequest("remaining_time can not be given together with spoken_time.")
        if "initial_time" in element:
            element["remaining_time"] = element["initial_time"]
        if "spoken_time" in element:
            stored = self.uow.get(COLLECTION, element["id"], "remaining_time")
            element["remaining_time"] = (stored.get("remaining_time") or 0) - element.pop("spoken_time")


class StructureLevelListOfSpeakersAddTime(Action):
    """Make up for an overdrawn structure level by giving all structure levels of the list the same time."""

    name = "structure_level_list_of_speakers.add_time"
    model = StructureLevelListOfSpeakers
    payload = Payload(StructureLevelListOfSpeakers, required=["id"])
    permission = in_meeting(Permissions.ListOfSpeakers.CAN_MANAGE)
    singular = True
    result_is_null = True
    parts = (OfMeeting(_DEFAULT_TIME), Stored("list_of_speakers_id", "current_start_time", "remaining_time"))

    def work(self, elements: list[Fields]) -> Results:
        """Check that the structure level has overdrawn its time and isn't speaking, then add what is missing to all."""
        (element,) = elements
        own = self.uow.get(COLLECTION, element["id"], *self.stored_names)
        _check_enabled(self.meeting(element))
        if own.get("current_start_time") is not None:
            raise BadRequest("Time can not be added while the structure level is speaking.")
        missing = -(own.get("remaining_time") or 0)
        if missing <= 0:
            raise BadRequest("The structure level has time left.")
        scope = equals(
            list_of_speakers_id=self.checked(own.get("list_of_speakers_id"), "There is no list of speakers.")
        )
        for id_, model in self.uow.filter(COLLECTION, scope, "additional_time", "remaining_time").items():
            self.uow.update(
                COLLECTION,
                id_,
                {
                    "additional_time": (model.get("additional_time") or 0) + missing,
                    "remaining_time": (model.get("remaining_time") or 0) + missing,
                },
            )
        return []


class StructureLevelListOfSpeakersDelete(DeleteAction):
    """Delete the time of a structure level in a list; its speakers lose the structure level. By cascade."""

    name = "structure_level_list_of_speakers.delete"
    model = StructureLevelListOfSpeakers
    payload = Payload(StructureLevelListOfSpeakers, required=["id"])
    visibility = Visibility.BACKEND_INTERNAL
