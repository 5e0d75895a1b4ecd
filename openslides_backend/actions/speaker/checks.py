"""Checks that adding and changing speakers share (speaker.md, "Shared rules")."""

from collections.abc import Mapping, Sequence

from openslides_backend.actions.speaker.states import INTERPOSED_QUESTION, INTERVENTION
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields, ReadOnlyFields

SPEECH_STATE_SETTINGS = (
    "list_of_speakers_can_set_contribution_self",
    "list_of_speakers_enable_pro_contra_speech",
    "list_of_speakers_intervention_time",
    "list_of_speakers_enable_interposed_question",
)
"""Settings of the meeting that `check_speech_state` looks at."""

POINT_OF_ORDER_SETTINGS = (
    "list_of_speakers_enable_point_of_order_speakers",
    "list_of_speakers_can_create_point_of_order_for_others",
    "list_of_speakers_enable_point_of_order_categories",
)
"""Settings of the meeting that `check_point_of_order` looks at."""

_TIMES = "structure_level_list_of_speakers"


def manages_lists(action: Action, element: Fields) -> bool:
    """Whether the request user may manage lists of speakers in the meeting of the element.

    Raises BadRequest if it belongs to none.
    """
    meeting_id: int = action.checked(action.meeting_id(element), "There is no meeting.")
    return action.run.checker.has_permission(meeting_id, Permissions.ListOfSpeakers.CAN_MANAGE)


def is_own(action: Action, meeting_user_id: int | None) -> bool:
    """Whether a speaker with this meeting user is the request user's own."""
    if meeting_user_id is None or action.run.user_id <= 0:
        return False
    member = action.uow.find("meeting_user", meeting_user_id, "user_id")
    return member is not None and member.get("user_id") == action.run.user_id


def check_speech_state(action: Action, element: Fields, old: str | None) -> None:
    """Check the change from the old speech state to that of the element.

    Raises BadRequest.
    """
    new, meeting = element.get("speech_state"), action.meeting(element)
    if new == old:
        return
    involved = {new} if new is not None else {old}
    if "contribution" in involved and not (
        meeting.get("list_of_speakers_can_set_contribution_self") or manages_lists(action, element)
    ):
        raise InvalidField("speech_state", "only who manages the list may set or remove 'contribution'.")
    if involved & {"pro", "contra"} and not meeting.get("list_of_speakers_enable_pro_contra_speech"):
        raise InvalidField("speech_state", "the meeting has no speeches pro and contra.")
    if new == INTERVENTION and (meeting.get("list_of_speakers_intervention_time") or 0) <= 0:
        raise InvalidField("speech_state", "the meeting has no interventions.")
    if new == INTERPOSED_QUESTION and not meeting.get("list_of_speakers_enable_interposed_question"):
        raise InvalidField("speech_state", "the meeting has no interposed questions.")
    if new in (INTERVENTION, INTERPOSED_QUESTION) and element.get("point_of_order"):
        raise InvalidField("speech_state", f"a point of order can not be an {new.replace('_', ' ')}.")


def check_point_of_order(meeting: ReadOnlyFields, element: ReadOnlyFields, stored: bool, own: bool) -> None:
    """Check the element's point of order, category and note.

    `stored` is whether it has been a point of order before, `own` whether it is the request user's own speaker.

    Raises BadRequest.
    """
    given = bool(element.get("point_of_order"))
    if given and not meeting.get("list_of_speakers_enable_point_of_order_speakers"):
        raise InvalidField("point_of_order", "the meeting has no points of order.")
    if not (given or stored) and ("note" in element or "point_of_order_category_id" in element):
        raise BadRequest("note, point_of_order_category_id: only points of order have them.")
    if given and not own and not meeting.get("list_of_speakers_can_create_point_of_order_for_others"):
        raise InvalidField("point_of_order", "it can not be set for somebody else.")
    category = element.get("point_of_order_category_id")
    if not meeting.get("list_of_speakers_enable_point_of_order_categories"):
        if category is not None:
            raise InvalidField("point_of_order_category_id", "the meeting has no categories.")
    elif given and category is None:
        raise InvalidField("point_of_order_category_id", "a point of order needs a category.")


def set_structure_levels(action: Action, elements: Sequence[Fields], lists: Mapping[int, int]) -> None:
    """Translate `structure_level_id` of the elements; `lists` names the list of speakers of each by its id.

    Speaking times that don't exist yet are created, all in one action.

    Raises BadRequest or ModelDoesNotExist where that isn't possible.
    """
    wanted = {
        element["id"]: (lists[element["id"]], element["structure_level_id"])
        for element in elements
        if element.get("structure_level_id") is not None and element["id"] in lists
    }
    times = _times(action, list(dict.fromkeys(wanted.values())))
    for element in elements:
        if "structure_level_id" in element:
            level = wanted.get(element["id"])
            element[f"{_TIMES}_id"] = None if level is None else times[level]


def _times(action: Action, wanted: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], int]:
    """Ids of the speaking times by list of speakers and structure level."""
    if not wanted:
        return {}
    names = ("list_of_speakers_id", "structure_level_id")
    scope = any_of("list_of_speakers_id", {list_id for list_id, _ in wanted})
    found = action.uow.filter(_TIMES, scope, *names, constant=True)
    times: dict[tuple[int, int], int] = {
        (model["list_of_speakers_id"], model["structure_level_id"]): id_
        for id_, model in found.items()
        if "structure_level_id" in model
    }
    missing = [dict(zip(names, level, strict=True)) for level in wanted if level not in times]
    created = ids_of(action.execute(f"{_TIMES}.create", missing))
    for element, id_ in zip(missing, created, strict=True):
        times[element["list_of_speakers_id"], element["structure_level_id"]] = id_
    return times
