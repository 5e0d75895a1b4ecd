"""Change speakers."""

from typing import Any

from openslides_backend.actions.speaker.checks import (
    POINT_OF_ORDER_SETTINGS,
    SPEECH_STATE_SETTINGS,
    check_point_of_order,
    check_speech_state,
    is_own,
    set_structure_levels,
)
from openslides_backend.actions.speaker.rules import may_change_speaker
from openslides_backend.actions.speaker.states import (
    ANSWERABLE,
    COLLECTION,
    INTERPOSED_QUESTION,
    INTERVENTION,
    is_answerable,
    is_started,
)
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import OfMeeting, Stored
from openslides_backend.engine.payload import OPTIONAL_ID, Payload
from openslides_backend.models.models import Speaker
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_FREE_STATES = ("contribution", "pro", "contra")
_FIELDS = (
    "speech_state",
    "meeting_user_id",
    "point_of_order",
    "point_of_order_category_id",
    "note",
    "answer",
)
_TIME_ID = "structure_level_list_of_speakers_id"


class SpeakerUpdate(UpdateAction):
    """Change what somebody on a list is going to say, or who speaks in an intervention; places stay as they are.

    Other actions and internal requests may set fields that the public may not, and no rules apply to them.
    """

    name = "speaker.update"
    model = Speaker
    payload = Payload(Speaker, required=["id"], optional=_FIELDS, extra_optional={"structure_level_id": OPTIONAL_ID})
    internal_payload = Payload(Speaker, required=["id"], optional=[*_FIELDS, "weight", _TIME_ID])
    permission = may_change_speaker
    parts = (
        OfMeeting(*SPEECH_STATE_SETTINGS, *POINT_OF_ORDER_SETTINGS),
        Stored(
            "meeting_id",
            "list_of_speakers_id",
            "meeting_user_id",
            "begin_time",
            "speech_state",
            "answer",
            "point_of_order",
            _TIME_ID,
        ),
    )

    @property
    def _inside(self) -> bool:
        return self.nested or self.run.context.internal

    def clean(self, element: Any) -> Fields:
        return (self.internal_payload if self._inside else self.payload).clean(element)

    def prepare(self, elements: list[Fields]) -> None:
        if self._inside:
            return
        stored = self.uow.get_many(COLLECTION, [element["id"] for element in elements], *self.stored_names)
        members = {speaker["meeting_user_id"] for speaker in stored.values() if "meeting_user_id" in speaker}
        self.uow.load("meeting_user", sorted(members), "id", "user_id")
        lists = {id_: s["list_of_speakers_id"] for id_, s in stored.items() if "list_of_speakers_id" in s}
        set_structure_levels(self, elements, lists)

    def check(self, element: Fields) -> None:
        if self._inside:
            return
        stored = self.stored(element)
        _check_state(element, stored)
        _check_person(element, stored)
        _check_started(element, stored)
        _check_combination(element, stored)
        own = is_own(self, stored["meeting_user_id"])
        check_point_of_order(self.meeting(element), element, bool(stored["point_of_order"]), own)
        if "speech_state" in element:
            check_speech_state(self, element, stored["speech_state"])

    def fill(self, element: Fields) -> None:
        if not self._inside and not element.get("point_of_order", True):
            element.update({"point_of_order_category_id": None, "note": None})


def _check_state(element: ReadOnlyFields, stored: ReadOnlyFields) -> None:
    new, old = element.get("speech_state"), stored.get("speech_state")
    if new == INTERPOSED_QUESTION:
        raise InvalidField("speech_state", "nothing can be made an interposed question.")
    if "speech_state" in element:
        if element.get("answer", stored.get("answer")) and new not in ANSWERABLE:
            raise InvalidField("speech_state", "an answer must stay an intervention or interposed question.")
        if old == INTERPOSED_QUESTION:
            raise InvalidField("speech_state", "that of an interposed question can not be changed.")
        nobody = stored.get("meeting_user_id") is None and element.get("meeting_user_id") is None
        if old == INTERVENTION and new != INTERVENTION and nobody:
            raise InvalidField("speech_state", "only an intervention can do without a person.")
    if element.get("answer") and not is_answerable(stored) and not new:
        raise InvalidField("answer", "only interventions and interposed questions can be answers.")


def _check_person(element: ReadOnlyFields, stored: ReadOnlyFields) -> None:
    if "meeting_user_id" in element:
        if element["meeting_user_id"] is None or stored.get("meeting_user_id") is not None:
            raise InvalidField("meeting_user_id", "it can not be changed.")
        if not is_answerable(stored):
            raise InvalidField("meeting_user_id", "only interventions and interposed questions can get a person.")
    elif "structure_level_id" in element and is_started(stored):
        raise InvalidField("structure_level_id", "it can not be changed once the speech has begun.")


def _check_started(element: ReadOnlyFields, stored: ReadOnlyFields) -> None:
    if not is_started(stored):
        return
    if "speech_state" in element and stored.get("speech_state") == INTERVENTION:
        raise InvalidField("speech_state", "that of an intervention can not be changed once it has begun.")
    if element.get("structure_level_id", stored.get(_TIME_ID)) is None:
        return
    new = element.get("speech_state")
    if element.get("point_of_order") or (new and new not in _FREE_STATES):
        raise BadRequest("The speech uses up the time of its structure level already.")


def _check_combination(element: ReadOnlyFields, stored: ReadOnlyFields) -> None:
    names = ("speech_state", "point_of_order")
    if all(element.get(name, stored.get(name)) for name in names):
        raise InvalidField("speech_state", "a point of order has none.")
