"""Questions on the committees that forward motions to each other."""

from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import existing, models
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.presenting.presenter import ID, Presenter, takes
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields


class GetForwardingCommittees(Presenter):
    """The names of the committees from which motions are forwarded to the meeting's committee."""

    name = "get_forwarding_committees"
    data = takes({"meeting_id": ID}, additional=True)
    permission = in_meeting(Permissions.Motion.CAN_MANAGE_METADATA)

    def present(self, data: Fields) -> object:
        return self.checker.ask(_senders(data["meeting_id"]))


@question
def _senders(meeting_id: int) -> Steps[list[str]]:
    meeting = yield from existing("meeting", meeting_id, "committee_id")
    committee = yield from existing("committee", meeting["committee_id"], "receive_forwardings_from_committee_ids")
    senders = yield from models("committee", committee.get("receive_forwardings_from_committee_ids") or (), "name")
    return [sender["name"] for sender in senders.values() if sender.get("name")]


class GetForwardingMeetings(Presenter):
    """The committees that motions of the meeting can be forwarded to, with their active meetings."""

    name = "get_forwarding_meetings"
    data = takes({"meeting_id": ID}, additional=True)
    permission = in_meeting(Permissions.Motion.CAN_FORWARD)

    def present(self, data: Fields) -> object:
        return self.checker.ask(_receivers(data["meeting_id"]))


@question
def _receivers(meeting_id: int) -> Steps[list[Fields]]:
    meeting = yield from existing("meeting", meeting_id, "committee_id", "is_active_in_organization_id")
    if not meeting.get("is_active_in_organization_id"):
        raise BadRequest(f"Meeting {meeting_id} is archived: nothing can be forwarded.")
    committee = yield from existing("committee", meeting["committee_id"], "forward_to_committee_ids")
    receivers = yield from models(
        "committee", committee.get("forward_to_committee_ids") or (), "default_meeting_id", "meeting_ids", "name"
    )
    meeting_ids = {id_ for receiver in receivers.values() for id_ in receiver.get("meeting_ids") or ()}
    meetings = yield from models(
        "meeting", sorted(meeting_ids), "end_time", "is_active_in_organization_id", "name", "start_time"
    )
    told = (_receiver(id_, receiver, meetings) for id_, receiver in receivers.items())
    return [receiver for receiver in told if receiver["meetings"]]


def _receiver(committee_id: int, committee: ReadOnlyFields, meetings: Models) -> Fields:
    active = {
        id_: meetings[id_]
        for id_ in committee.get("meeting_ids") or ()
        if meetings.get(id_, {}).get("is_active_in_organization_id")
    }
    return {
        "id": committee_id,
        "name": committee.get("name") or "",
        "default_meeting_id": committee.get("default_meeting_id"),
        "meetings": [
            {
                "id": id_,
                "name": meeting.get("name") or "",
                "start_time": meeting.get("start_time"),
                "end_time": meeting.get("end_time"),
            }
            for id_, meeting in active.items()
        ],
    }
