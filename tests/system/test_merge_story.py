"""Two accounts of one person become one over HTTP: who may log in afterwards, and as what."""

from collections.abc import Iterator

import pytest
import requests

from dev.stack import Stack
from tests.system.people import PASSWORD, Person, account, stored


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    variables = {"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}
    if request.param == "postgres":
        variables["DATASTORE_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    with Stack(variables) as running:
        yield running


def _log_in(stack: Stack, username: str) -> int:
    credentials = {"username": username, "password": PASSWORD}
    return requests.post(f"{stack.auth_url}/system/auth/login", json=credentials, timeout=10).status_code


def test_the_same_person_twice(stack: Stack) -> None:
    superadmin = Person(stack, "superadmin", "superadmin")
    kept_id, double_id = (account(superadmin, username) for username in ("merge-kept", "merge-double"))
    element = {"committee_id": 1, "name": "Merge meeting", "language": "en", "admin_ids": [double_id]}
    meeting_id = superadmin.does("meeting.create", element)["id"]
    kept, double = Person(stack, "merge-kept", PASSWORD), Person(stack, "merge-double", PASSWORD)
    kept.is_refused("topic.create", {"meeting_id": meeting_id, "title": "Before"})
    kept.is_refused("user.merge_together", {"id": kept_id, "user_ids": [double_id]})
    topic_id = double.does("topic.create", {"meeting_id": meeting_id, "title": "Mine"})["id"]
    list_id = stored(stack, f"topic/{topic_id}")["list_of_speakers_id"]
    member_id = stored(stack, f"user/{double_id}")["meeting_user_ids"][0]
    speaker_id = double.does("speaker.create", {"list_of_speakers_id": list_id, "meeting_user_id": member_id})["id"]
    for action in ("speaker.speak", "speaker.end_speech"):
        double.does(action, {"id": speaker_id})

    superadmin.does("user.merge_together", {"id": kept_id, "user_ids": [double_id], "title": "Dr."})

    answer = double.call("topic.create", {"meeting_id": meeting_id, "title": "Still mine"})
    assert (answer.status_code, answer.json()["code"]) == (403, "authentication_failed")
    assert _log_in(stack, "merge-double") == 403
    assert _log_in(stack, "merge-kept") == 200
    for person in (kept, Person(stack, "merge-kept", PASSWORD)):
        person.does("topic.create", {"meeting_id": meeting_id, "title": "Mine, too"})
    user = stored(stack, f"user/{kept_id}")
    assert (user["title"], user["meeting_ids"]) == ("Dr.", [meeting_id])
    (new_id,) = stored(stack, f"list_of_speakers/{list_id}")["speaker_ids"]
    speaker = stored(stack, f"speaker/{new_id}")
    assert speaker["meeting_user_id"] == user["meeting_user_ids"][0]
    assert speaker["begin_time"] <= speaker["end_time"]
    assert superadmin.asks("check_database_all", {})["ok"] is True
