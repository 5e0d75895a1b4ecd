"""Structure levels' speaking time (_shared.md, "Structure level time")."""

from collections.abc import Iterable

from openslides_backend.actions.speaker.states import ANSWERABLE
from openslides_backend.engine.action import Action
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_TIMES = "structure_level_list_of_speakers"
_TIME_ID = f"{_TIMES}_id"


def level_time_of(speaker: ReadOnlyFields) -> int | None:
    """The id of the speaking time that the speech consumes; None if it consumes none."""
    if speaker.get("speech_state") in ANSWERABLE or speaker.get("point_of_order"):
        return None
    return speaker.get(_TIME_ID)


def start_level_time(action: Action, speaker: ReadOnlyFields) -> None:
    """The time that the speech consumes runs from now on."""
    time = level_time_of(speaker)
    if time is not None:
        _update(action, [{"id": time, "current_start_time": action.run.now}])


def stop_level_time(action: Action, speakers: Iterable[ReadOnlyFields]) -> None:
    """The time that the speeches consume stands still from now on; what has been used since the last start is gone."""
    elements = []
    for speaker in speakers:
        time, start = level_time_of(speaker), speaker.get("unpause_time") or speaker.get("begin_time")
        if time is not None and start is not None:
            spoken = max(action.run.now - start, 0)
            elements.append({"id": time, "current_start_time": None, "spoken_time": spoken})
    _update(action, elements)


def _update(action: Action, elements: list[Fields]) -> None:
    """Account for it; times that are being deleted at the same time need no more accounting."""
    action.uow.load(_TIMES, [element["id"] for element in elements], "id", "meeting_id", "remaining_time")
    live = [element for element in elements if action.uow.exists(_TIMES, element["id"])]
    action.execute(f"{_TIMES}.update", live)
