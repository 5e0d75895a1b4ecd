"""The whole story over HTTP, told by different people: from an empty organization to a participant who is refused."""

from collections.abc import Iterator

import pytest

from dev.stack import Stack
from tests.system.people import PASSWORD, Person, account, stored


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}) as running:
        yield running


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
