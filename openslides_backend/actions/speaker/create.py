"""Put somebody on a list of speakers."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.speaker.checks import (
    POINT_OF_ORDER_SETTINGS,
    SPEECH_STATE_SETTINGS,
    check_point_of_order,
    check_speech_state,
    is_own,
    manages_lists,
    set_structure_levels,
)
from openslides_backend.actions.speaker.order import Queue
from openslides_backend.actions.speaker.rules import may_add_speaker
from openslides_backend.actions.speaker.states import ANSWERABLE, COLLECTION, is_answerable, is_started, same_kind
from openslides_backend.engine.action import Visibility, check_each
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.parts import Matching, OfMeeting, ids_in, same
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import Speaker
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField, ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_SAME_PERSON_FIELDS = ("begin_time", "answer", "point_of_order")
_OTHERS_FIELDS = (
    "begin_time",
    "end_time",
    "weight",
    "speech_state",
    "answer",
    "point_of_order",
    "point_of_order_category_id",
)
_PRESENT_ONLY = "list_of_speakers_present_users_only"
_SEVERAL = "list_of_speakers_allow_multiple_speakers"
_CLOSED_FOR_ORDER = "list_of_speakers_closing_disables_point_of_order"
_CATEGORIES = "list_of_speakers_enable_point_of_order_categories"


class SpeakerCreate(CreateAction):
    """Put the request user or somebody else on a list of speakers, in the place that is due.

    Everybody who joins a list changes what all others rely on who are joining it. Therefore those on the list are read
    as late as possible, when nothing but the write request is left to do: requests that collide are tried again, and
    the shorter the time between reading and writing is, the fewer collide. Whether the person is on the list already
    has to be known earlier; it is asked for that person only, so that nobody else gets in the way.
    """

    name = "speaker.create"
    model = Speaker
    payload = Payload(
        Speaker,
        required=["list_of_speakers_id"],
        not_null=["meeting_user_id"],
        optional=["point_of_order", "point_of_order_category_id", "note", "speech_state"],
        extra_optional={"structure_level_id": ID, "answer_to_id": ID},
    )
    permission = may_add_speaker
    singular = True
    meeting_source = "list_of_speakers_id"
    parts = (OfMeeting(*SPEECH_STATE_SETTINGS, *POINT_OF_ORDER_SETTINGS, _PRESENT_ONLY, _SEVERAL, _CLOSED_FOR_ORDER),)
    others = Matching("", same("list_of_speakers_id"), *_OTHERS_FIELDS, constant=True)
    same_person = Matching("", same("list_of_speakers_id", "meeting_user_id"), *_SAME_PERSON_FIELDS, constant=True)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield models_query("list_of_speakers", ids_in(elements, "list_of_speakers_id"), "id", "meeting_id", "closed")
        ids = ids_in(elements, "meeting_user_id")
        yield models_query("meeting_user", ids, "id", "meeting_id", "user_id")
        users = ids_in(self.uow.peek_all("meeting_user", ids, "user_id"), "user_id")
        yield models_query("user", users, "id", "is_present_in_meeting_ids")

    def check_early(self, elements: Sequence[Fields]) -> None:
        check_each(elements, self._check_first)

    def prepare(self, elements: list[Fields]) -> None:
        set_structure_levels(self, elements, {element["id"]: element["list_of_speakers_id"] for element in elements})

    def check(self, element: Fields) -> None:
        if "answer_to_id" in element:
            self._check_answer(element, self.others.of(element).get(element["answer_to_id"]))
        else:
            check_speech_state(self, element, None)

    def fill(self, element: Fields) -> None:
        others = self.others.of(element)
        answered = others.get(element.get("answer_to_id", 0))
        if answered is not None:
            element.update(speech_state=answered["speech_state"], answer=True)
        waiting = {id_: speaker for id_, speaker in others.items() if not is_started(speaker)}
        place = Queue(waiting, self._ranks(element, waiting)).place(element, answered)
        element["weight"] = place.weight
        for id_, weight in place.others.items():
            self.uow.update(COLLECTION, id_, {"weight": weight})

    def _check_first(self, element: Fields) -> None:
        self._check_who_and_what(element)
        self._check_list(element)
        self._check_person(element)
        if "answer_to_id" in element and not any(is_started(other) for other in self.others.of(element).values()):
            raise InvalidField("answer_to_id", "nobody of the list has begun to speak.")

    def _check_who_and_what(self, element: Fields) -> None:
        member = element.get("meeting_user_id")
        if member is None:
            if element.get("speech_state") not in ANSWERABLE and "answer_to_id" not in element:
                raise InvalidField("meeting_user_id", "only interventions and interposed questions can do without.")
        elif not self.uow.exists("meeting_user", member):
            raise ModelDoesNotExist(make_fqid("meeting_user", member))
        if element.get("speech_state") and element.get("point_of_order"):
            raise InvalidField("speech_state", "a point of order has none.")

    def _check_list(self, element: Fields) -> None:
        list_of_speakers = self.uow.get("list_of_speakers", element["list_of_speakers_id"], "closed", "meeting_id")
        meeting, member = self.meeting(element), element.get("meeting_user_id")
        own = is_own(self, member)
        check_point_of_order(meeting, element, stored=False, own=own)
        if not list_of_speakers.get("closed") or not (own or member is None):
            return
        if element.get("point_of_order") and not meeting.get(_CLOSED_FOR_ORDER):
            return
        if not manages_lists(self, element):
            raise BadRequest("The list of speakers is closed.")

    def _check_person(self, element: Fields) -> None:
        member, meeting = element.get("meeting_user_id"), self.meeting(element)
        if member is None:
            return
        if meeting.get(_PRESENT_ONLY) and not self._is_present(member, self.meeting_id(element)):
            raise BadRequest("Only those who are present may be on the list.")
        if meeting.get(_SEVERAL) or "answer_to_id" in element:
            return
        for other in self.same_person.of(element).values():
            if not is_started(other) and not other.get("answer") and same_kind(other, element):
                raise BadRequest(f"meeting_user/{member} is already on the list of speakers.")

    def _is_present(self, meeting_user_id: int, meeting_id: int | None) -> bool:
        user_id = self.uow.get("meeting_user", meeting_user_id, "user_id").get("user_id")
        user = None if user_id is None else self.uow.find("user", user_id, "is_present_in_meeting_ids")
        return user is not None and meeting_id in (user.get("is_present_in_meeting_ids") or ())

    @staticmethod
    def _check_answer(element: Fields, answered: ReadOnlyFields | None) -> None:
        if answered is None:
            raise InvalidField("answer_to_id", f"speaker/{element['answer_to_id']} is not on the list.")
        if answered.get("answer") or not is_answerable(answered):
            raise InvalidField("answer_to_id", "only interventions and interposed questions can be answered.")
        if element.get("speech_state") and element["speech_state"] != answered["speech_state"]:
            raise InvalidField("speech_state", "it must be that of what is answered.")
        if answered.get("end_time") is not None:
            raise InvalidField("answer_to_id", "the speaker has finished.")

    def _ranks(self, element: Fields, waiting: Models) -> dict[int, int] | None:
        """The ranks of the categories that decide on the place; None if categories don't matter."""
        if not self.meeting(element).get(_CATEGORIES):
            return None
        if not element.get("point_of_order") or not waiting:
            return {}
        used = ids_in([*waiting.values(), element], "point_of_order_category_id")
        found = self.uow.get_many("point_of_order_category", used, "rank")
        return {id_: category["rank"] for id_, category in found.items() if "rank" in category}


class SpeakerCreateForMerge(CreateAction):
    """Take over a speaker of a user who is merged into another one, as it is."""

    name = "speaker.create_for_merge"
    model = Speaker
    payload = Payload(
        Speaker,
        required=["list_of_speakers_id"],
        required_keys=["meeting_user_id", "weight"],
        optional=[
            "begin_time",
            "end_time",
            "unpause_time",
            "total_pause",
            "point_of_order",
            "speech_state",
            "point_of_order_category_id",
            "structure_level_list_of_speakers_id",
            "note",
            "answer",
        ],
    )
    visibility = Visibility.BACKEND_INTERNAL
    meeting_source = "list_of_speakers_id"

    def check_early(self, elements: Sequence[Fields]) -> None:
        check_each(elements, self._check_first)

    @staticmethod
    def _check_first(element: Fields) -> None:
        if element.get("point_of_order"):
            if "speech_state" in element:
                raise InvalidField("speech_state", "a point of order has none.")
        elif "point_of_order_category_id" in element or "note" in element:
            raise BadRequest("note, point_of_order_category_id: only points of order have them.")
        begin, end = element.get("begin_time"), element.get("end_time")
        if begin is not None and (end is None or end < begin):
            raise InvalidField("end_time", "a speech that has begun must have ended.")
