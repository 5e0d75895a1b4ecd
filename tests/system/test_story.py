"""The whole story over HTTP, told by different people: from an empty organization to a participant who is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from dev.stack import Stack

PASSWORD = "a-good-password"


class Person:
    """Somebody who is logged in."""

    def __init__(self, stack: Stack, username: str, password: str) -> None:
        self._stack = stack
        answer = requests.post(
            f"{stack.auth_url}/system/auth/login", json={"username": username, "password": password}, timeout=10
        )
        assert answer.status_code == 200, answer.text
        self._headers = {"authentication": answer.headers["authentication"]}
        self._cookies = {"refreshId": answer.cookies["refreshId"]}

    def call(self, action: str, *elements: dict[str, Any]) -> requests.Response:
        return requests.post(
            f"{self._stack.action_url}/system/action/handle_request",
            json=[{"action": action, "data": list(elements)}],
            headers=self._headers,
            cookies=self._cookies,
            timeout=30,
        )

    def does(self, action: str, *elements: dict[str, Any]) -> Any:
        """The result of the first element of an action that must succeed."""
        answer = self.call(action, *elements)
        assert answer.status_code == 200, answer.text
        results = answer.json()["results"][0]
        return results[0] if results else None

    def is_refused(self, action: str, element: dict[str, Any]) -> None:
        """The action must end with 403 and an error that names the element."""
        answer = self.call(action, element)
        assert answer.status_code == 403, answer.text
        body = answer.json()
        assert body["success"] is False
        assert (body["action_error_index"], body["action_data_error_index"]) == (0, 0)

    def asks(self, presenter: str, data: dict[str, Any]) -> Any:
        answer = requests.post(
            f"{self._stack.presenter_url}/system/presenter/handle_request",
            json=[{"presenter": presenter, "data": data}],
            headers=self._headers,
            cookies=self._cookies,
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()[0]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}) as running:
        yield running


def stored(stack: Stack, fqid: str) -> Any:
    answer = requests.post(f"{stack.reader_url}/get", json={"fqid": fqid}, timeout=10, headers=stack.internal_headers)
    return answer.json()


def account(superadmin: Person, username: str) -> int:
    """A new account with a known password."""
    user_id: int = superadmin.does("user.create", {"username": username, "default_password": PASSWORD})["id"]
    return user_id


def test_from_a_committee_to_a_participant_who_is_refused(stack: Stack) -> None:
    superadmin = Person(stack, "superadmin", "superadmin")
    manager_id = account(superadmin, "story-manager")
    chair_id = account(superadmin, "story-chair")
    committee_id = superadmin.does(
        "committee.create", {"name": "Story committee", "organization_id": 1, "manager_ids": [manager_id]}
    )["id"]

    manager = Person(stack, "story-manager", PASSWORD)
    manager.is_refused("committee.create", {"name": "Another one", "organization_id": 1})
    meeting_id = manager.does(
        "meeting.create",
        {"committee_id": committee_id, "name": "Story meeting", "language": "en", "admin_ids": [chair_id]},
    )["id"]
    meeting = stored(stack, f"meeting/{meeting_id}")
    assert meeting["user_ids"] == [chair_id]
    assert stored(stack, f"user/{chair_id}")["committee_ids"] == [committee_id]

    chair = Person(stack, "story-chair", PASSWORD)
    group_id = chair.does("group.create", {"name": "Guests", "meeting_id": meeting_id})["id"]
    chair.does("group.update", {"id": group_id, "permissions": ["agenda_item.can_see"]})
    guest_id = chair.does(
        "user.create",
        {
            "username": "story-guest",
            "default_password": PASSWORD,
            "meeting_id": meeting_id,
            "group_ids": [group_id],
        },
    )["id"]
    topic = chair.does("topic.create", {"meeting_id": meeting_id, "title": "Opening"})
    assert topic["sequential_number"] == 1
    assert stored(stack, f"user/{guest_id}")["meeting_ids"] == [meeting_id]

    guest = Person(stack, "story-guest", PASSWORD)
    guest.is_refused("topic.create", {"meeting_id": meeting_id, "title": "Mine"})
    guest.is_refused("group.update", {"id": group_id, "name": "Hosts"})
    guest.is_refused("meeting.update", {"id": meeting_id, "name": "Taken over"})
    guest.is_refused("user.create", {"username": "story-friend"})
    guest.does("user.update_self", {"pronoun": "they"})
    assert stored(stack, f"user/{guest_id}")["pronoun"] == "they"
    scope = chair.asks("get_user_scope", {"user_ids": [guest_id]})[str(guest_id)]
    assert (scope["collection"], scope["id"]) == ("meeting", meeting_id)
