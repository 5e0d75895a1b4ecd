"""The countdown that a meeting has coupled to its polls (poll.md, "Countdown")."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.shared.countdown import Command, Coupling, control_coupled_countdown
from openslides_backend.engine.action import Part
from openslides_backend.services.datastore import Query
from openslides_backend.shared.typing import Fields

_COUPLED, _COUNTDOWN_ID = Coupling.POLL.meeting_fields


class PollCountdown(Part):
    """Reads the countdowns of polls, and controls them when it is told to."""

    meeting_fields = Coupling.POLL.meeting_fields

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        meetings = [(self.action.meeting_id(element), self.action.peek_meeting(element)) for element in elements]
        coupled = {m[_COUNTDOWN_ID]: id_ for id_, m in meetings if m and m[_COUPLED] and m[_COUNTDOWN_ID]}
        updates: list[Fields] = [{"id": id_, "countdown_time": 0, "running": False} for id_ in coupled]
        return self.run.reads_of("projector_countdown.update", updates, list(coupled.values()))

    def control(self, elements: Sequence[Fields], command: Command) -> None:
        """Apply the command to the countdown of each meeting that the polls are of."""
        for meeting_id in dict.fromkeys(self.action.meeting_id(element) for element in elements):
            control_coupled_countdown(self.action, meeting_id, Coupling.POLL, command)
