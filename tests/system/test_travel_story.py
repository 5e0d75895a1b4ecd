"""A meeting that is prepared on one installation is held on another one."""

import base64
from collections.abc import Iterator

import pytest

from dev.stack import Stack
from tests.system.people import PASSWORD, Person, account, stored

FILE = b"What the assembly is about."


@pytest.fixture(scope="module")
def stacks() -> Iterator[tuple[Stack, Stack]]:
    variables = {"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1", "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}
    with Stack(variables) as office, Stack(variables) as hall:
        yield office, hall


def prepared(superadmin: Person) -> int:
    """A meeting with a chair, a topic and a file."""
    chair_id = account(superadmin, "travel-chair")
    committee_id = superadmin.does("committee.create", {"name": "Office", "organization_id": 1})["id"]
    meeting = {"committee_id": committee_id, "name": "Assembly", "language": "en", "admin_ids": [chair_id]}
    meeting_id: int = superadmin.does("meeting.create", meeting)["id"]
    superadmin.does("topic.create", {"meeting_id": meeting_id, "title": "Budget", "text": "<p>Much &amp; little</p>"})
    upload = {"title": "Agenda", "filename": "agenda.txt", "file": base64.b64encode(FILE).decode()}
    superadmin.does("mediafile.upload", {"owner_id": f"meeting/{meeting_id}", **upload})
    return meeting_id


def test_from_the_office_to_the_hall(stacks: tuple[Stack, Stack]) -> None:
    office, hall = stacks
    clerk, host = Person(office, "superadmin", "superadmin"), Person(hall, "superadmin", "superadmin")
    export = clerk.asks("export_meeting", {"meeting_id": prepared(clerk)})
    for file in export["mediafile"].values():
        url = f"http://127.0.0.1:{office.ports['MEDIA']}/system/media/get/{file['id']}"
        file["blob"] = base64.b64encode(clerk.gets(url).content).decode()

    committee_id = host.does("committee.create", {"name": "Hall", "organization_id": 1})["id"]
    result = host.does("meeting.import", {"committee_id": committee_id, "meeting": export})
    meeting = stored(hall, f"meeting/{result['id']}")
    topic_id, mediafile_id = meeting["topic_ids"][-1], meeting["mediafile_ids"][0]

    assert stored(hall, f"topic/{topic_id}")["text"] == "<p>Much &amp; little</p>"
    url = f"http://127.0.0.1:{hall.ports['MEDIA']}/system/media/get/{mediafile_id}"
    assert host.gets(url).content == FILE
    users = [stored(hall, f"user/{id_}") for id_ in meeting["user_ids"]]
    (imported,) = [user for user in users if user["username"] == "travel-chair"]
    assert imported["default_password"] != PASSWORD
    chair = Person(hall, "travel-chair", imported["default_password"])
    motion = {"meeting_id": meeting["id"], "title": "Spend less", "text": "<p>Less is spent.</p>"}
    motion_id = chair.does("motion.create", motion)["id"]
    speakers = stored(hall, f"topic/{topic_id}")["list_of_speakers_id"]
    (member_id,) = imported["meeting_user_ids"]
    speaker_id = chair.does("speaker.create", {"list_of_speakers_id": speakers, "meeting_user_id": member_id})["id"]
    chair.does("speaker.speak", {"id": speaker_id})
    assert stored(hall, f"motion/{motion_id}")["meeting_id"] == meeting["id"]
    assert host.asks("check_database", {"meeting_id": meeting["id"]}) == {"ok": True, "errors": ""}
    host.does("meeting.clone", {"meeting_id": meeting["id"]})
