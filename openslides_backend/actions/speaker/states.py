"""What a speaker is doing (speaker.md, "States of a speaker")."""

from openslides_backend.shared.typing import ReadOnlyFields

INTERPOSED_QUESTION = "interposed_question"
INTERVENTION = "intervention"
ANSWERABLE = (INTERPOSED_QUESTION, INTERVENTION)
"""The speech states that can be answered."""

COLLECTION = "speaker"

SPEECH_FIELDS = (
    "id",
    "meeting_id",
    "list_of_speakers_id",
    "structure_level_list_of_speakers_id",
    "begin_time",
    "end_time",
    "pause_time",
    "unpause_time",
    "total_pause",
    "speech_state",
    "point_of_order",
)
"""What starting, interrupting and ending a speech looks at."""


def is_started(speaker: ReadOnlyFields) -> bool:
    """Whether the speech has begun, finished or not."""
    return speaker.get("begin_time") is not None


def is_unfinished(speaker: ReadOnlyFields) -> bool:
    """Whether the speech has begun and not ended."""
    return is_started(speaker) and speaker.get("end_time") is None


def is_speaking(speaker: ReadOnlyFields) -> bool:
    """Whether the speech is going on."""
    return is_unfinished(speaker) and speaker.get("pause_time") is None


def is_paused(speaker: ReadOnlyFields) -> bool:
    """Whether the speech is interrupted."""
    return is_unfinished(speaker) and speaker.get("pause_time") is not None


def is_interposed_question(speaker: ReadOnlyFields) -> bool:
    """Whether it is an interposed question or an answer to one."""
    return speaker.get("speech_state") == INTERPOSED_QUESTION


def is_answerable(speaker: ReadOnlyFields) -> bool:
    """Whether the speech state is one that can be answered."""
    return speaker.get("speech_state") in ANSWERABLE


def same_kind(one: ReadOnlyFields, other: ReadOnlyFields) -> bool:
    """Whether both are points of order, or none is: somebody may wait once for each kind."""
    return bool(one.get("point_of_order")) == bool(other.get("point_of_order"))
