"""Polls and voters in the datastore, and what a client of the vote service does."""

from typing import Any

from werkzeug.test import Client, TestResponse

from openslides_backend.services.datastore import CreateEvent, Event, UpdateEvent

MEETING, GROUP, POLL = 1, 5, 7
OPTIONS, GLOBAL_OPTION = (11, 12), 13


def meeting_user_id(user_id: int, meeting_id: int = MEETING) -> int:
    """The meeting user of a voter has this id."""
    return user_id + 1000 * meeting_id


def voter_events(user_id: int, **member: Any) -> list[Event]:
    """A user who is present and entitled to vote."""
    own = meeting_user_id(user_id)
    user = {"id": user_id, "is_active": True, "is_present_in_meeting_ids": [MEETING], "meeting_user_ids": [own]}
    fields = {"id": own, "user_id": user_id, "meeting_id": MEETING, "group_ids": [GROUP], **member}
    return [CreateEvent(f"user/{user_id}", user), CreateEvent(f"meeting_user/{own}", fields)]


def meeting_event(**fields: Any) -> Event:
    """The meeting."""
    return CreateEvent(f"meeting/{MEETING}", {"id": MEETING, **fields})


def poll_event(poll_id: int = POLL, **fields: Any) -> Event:
    """A started, named poll with two options that may be approved."""
    poll = {
        "id": poll_id,
        "meeting_id": MEETING,
        "type": "named",
        "state": "started",
        "pollmethod": "YNA",
        "option_ids": list(OPTIONS),
        "global_option_id": GLOBAL_OPTION,
        "entitled_group_ids": [GROUP],
        "backend": "fast",
    }
    return CreateEvent(f"poll/{poll_id}", {**poll, **fields})


def change(fqid: str, **fields: Any) -> Event:
    """Other fields of a model."""
    return UpdateEvent(fqid, fields)


class VoteRoutes:
    """The routes of the vote service; `credentials` makes headers for a user."""

    def __init__(self, client: Client, credentials: Any) -> None:
        self.client = client
        self._credentials = credentials

    def internal(self, command: str, poll_id: int = POLL) -> TestResponse:
        """start, stop or clear."""
        return self.client.post(f"/internal/vote/{command}?id={poll_id}")

    def cast(self, acting_id: int, value: object = "Y", *, poll_id: int = POLL, **more: Any) -> TestResponse:
        """A ballot; without further keys the user's own. By default it is a vote for the first option."""
        body = {"value": {str(OPTIONS[0]): value} if value in ("Y", "N", "A") else value, **more}
        return self.client.post(f"/system/vote?id={poll_id}", json=body, headers=self._credentials(acting_id))

    def voted(self, user_id: int, ids: str = str(POLL)) -> TestResponse:
        """Who has voted."""
        return self.client.get(f"/system/vote/voted?ids={ids}", headers=self._credentials(user_id))


def outcome(response: TestResponse) -> tuple[int, str | None]:
    """Status and type of the error, None without one."""
    body = response.get_data()
    assert response.content_type == "application/json"
    if response.status_code == 200:
        assert body == b""
        return 200, None
    assert set(response.json or {}) == {"error", "message"}
    return response.status_code, (response.json or {})["error"]
