"""Countdowns that lists of speakers and polls control (_shared.md, "Countdown control")."""

from enum import Enum

from openslides_backend.engine.action import Action
from openslides_backend.shared.typing import Fields

_FIELDS = ("countdown_time", "default_time")


class Command(Enum):
    """What may be done with a countdown."""

    START = "start"
    STOP = "stop"
    RESET = "reset"
    RESTART = "restart"


class Coupling(Enum):
    """What a meeting may couple to a countdown."""

    LIST_OF_SPEAKERS = "list_of_speakers"
    POLL = "poll"

    @property
    def meeting_fields(self) -> tuple[str, str]:
        """The fields of the meeting that say whether it is coupled, and to which countdown."""
        return f"{self.value}_couple_countdown", f"{self.value}_countdown_id"


def coupled_countdown(action: Action, meeting_id: int | None, coupling: Coupling) -> int | None:
    """The id of the live countdown that the meeting has coupled; None if there is none."""
    couple, countdown = coupling.meeting_fields
    meeting = None if meeting_id is None else action.uow.find("meeting", meeting_id, couple, countdown)
    if not meeting or not meeting.get(couple) or meeting.get(countdown) is None:
        return None
    countdown_id = int(meeting[countdown])
    return countdown_id if action.uow.find("projector_countdown", countdown_id, *_FIELDS) is not None else None


def control_coupled_countdown(
    action: Action, meeting_id: int | None, coupling: Coupling, command: Command, default_time: int | None = None
) -> None:
    """Apply a command to the countdown that the meeting has coupled, if there is one; see `control_countdown`."""
    countdown_id = coupled_countdown(action, meeting_id, coupling)
    if countdown_id is not None:
        control_countdown(action, countdown_id, command, default_time)


def control_countdown(action: Action, countdown_id: int, command: Command, default_time: int | None = None) -> None:
    """Apply a command to a countdown, on the outcome of earlier commands.

    `default_time` (seconds) is stored and stays in force if it is given.

    Raises ModelDoesNotExist.
    """
    countdown = action.uow.get("projector_countdown", countdown_id, *_FIELDS)
    default = countdown.get("default_time") if default_time is None else default_time
    time = default if command in (Command.RESET, Command.RESTART) else countdown["countdown_time"]
    # Running countdowns hold the time at which they end, others the time that is left.
    shifts = {Command.START: action.run.now, Command.STOP: -action.run.now, Command.RESTART: action.run.now}
    element: Fields = {
        "id": countdown_id,
        "running": command in (Command.START, Command.RESTART),
        "countdown_time": (time or 0) + shifts[command] if command in shifts else time,
    }
    if default_time is not None:
        element["default_time"] = default_time
    action.execute("projector_countdown.update", [element])
