"""Makes global/data/example-data.json: lets a stack of its own carry out the actions that a person would call.

With `--check` the file is only compared with what would be made. Password hashes are those of the file as long as they
fit, so that the outcome is the same every time.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from dev.stack import ROOT, Stack
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.passwords import verify_password
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data

FILE = ROOT / "global" / "data" / "example-data.json"

_TIMEOUT = 60
_DELEGATES, _STAFF = 3, 4
_MEETING: dict[str, Any] = {"meeting_id": 1}

_USERS: list[dict[str, Any]] = [
    {
        "username": "organizer",
        "first_name": "Olivia",
        "last_name": "Organizer",
        "organization_management_level": "can_manage_organization",
        "gender_id": 2,
    },
    {
        "username": "accounts",
        "first_name": "Aron",
        "last_name": "Accounts",
        "organization_management_level": "can_manage_users",
        "gender_id": 1,
    },
    {"username": "chair", "first_name": "Clara", "last_name": "Chair", "gender_id": 2},
    {"username": "staff", "first_name": "Sam", "last_name": "Staff", "gender_id": 3},
    {"username": "anna", "first_name": "Anna", "last_name": "Ahrens", "gender_id": 2},
    {"username": "ben", "first_name": "Ben", "last_name": "Brandt", "gender_id": 1},
    {"username": "dora", "title": "Dr.", "first_name": "Dora", "last_name": "Dietz", "gender_id": 2},
]
_ORGANIZER, _ACCOUNTS, _CHAIR, _STAFF_MEMBER, _ANNA, _BEN, _DORA = range(2, 2 + len(_USERS))

_TOPICS: list[dict[str, Any]] = [
    {"title": "Opening", "text": "<p>Welcome, and who is here.</p>", "agenda_duration": 10},
    {"title": "Report of the board", "text": "<p>What happened since we last met.</p>", "agenda_tag_ids": [2]},
    {"title": "Finances", "agenda_parent_id": 2, "agenda_duration": 20},
    {"title": "Members", "agenda_parent_id": 2, "agenda_duration": 15, "agenda_comment": "Numbers are in the report."},
    {"title": "Preparation of the room", "agenda_type": "internal"},
    {"title": "Any other business", "agenda_tag_ids": [1]},
]

STEPS: list[tuple[str, list[dict[str, Any]]]] = [
    ("organization.initial_import", [{"data": {}}]),
    ("organization.update", [{"id": 1, "name": "Example organization", "enable_chat": True, "login_text": "Welcome!"}]),
    ("user.set_password", [{"id": 1, "password": "superadmin", "set_as_default": True}]),
    (
        "user.create",
        [
            {"is_active": True, "is_physical_person": True, "default_password": user["username"], **user}
            for user in _USERS
        ],
    ),
    ("organization_tag.create", [{"name": "Example", "color": "#2196f3", "organization_id": 1}]),
    (
        "committee.create",
        [
            {
                "name": "Example committee",
                "description": "A committee to try things out",
                "organization_id": 1,
                "organization_tag_ids": [1],
                "manager_ids": [_ORGANIZER],
            }
        ],
    ),
    (
        "meeting.create",
        [
            {
                "committee_id": 1,
                "name": "Example meeting",
                "description": "A meeting to try things out",
                "location": "Town hall",
                "language": "en",
                "admin_ids": [1, _CHAIR],
            }
        ],
    ),
    ("committee.update", [{"id": 1, "default_meeting_id": 1}]),
    ("structure_level.create", [{"name": "North", "color": "#317796", **_MEETING}, {"name": "South", **_MEETING}]),
    (
        "user.update",
        [
            {"id": _STAFF_MEMBER, "group_ids": [_STAFF], **_MEETING},
            {"id": _ANNA, "group_ids": [_DELEGATES], "structure_level_ids": [1], "number": "A1", **_MEETING},
            {"id": _BEN, "group_ids": [_DELEGATES], "structure_level_ids": [2], "number": "B2", **_MEETING},
            {"id": _DORA, "group_ids": [_DELEGATES], "structure_level_ids": [2], "number": "D4", **_MEETING},
        ],
    ),
    ("user.set_present", [{"id": id_, "present": True, **_MEETING} for id_ in (_CHAIR, _STAFF_MEMBER, _ANNA, _BEN)]),
    ("tag.create", [{"name": "Short", **_MEETING}, {"name": "With documents", **_MEETING}]),
    *(("topic.create", [{**topic, **_MEETING}]) for topic in _TOPICS),
    ("agenda_item.numbering", [_MEETING]),
    *(("speaker.create", [{"list_of_speakers_id": 2, "meeting_user_id": id_}]) for id_ in (4, 5)),
    ("chat_group.create", [{"name": "Delegates", "read_group_ids": [3, 4], "write_group_ids": [3, 4], **_MEETING}]),
    ("projector_message.create", [{"message": "<p>We start again at 2 p.m.</p>", **_MEETING}]),
    (
        "projector.project",
        [{"ids": [1], "content_object_id": "meeting/1", "type": "agenda_item_list", "stable": False, **_MEETING}],
    ),
    ("organization.delete_history_information", [{"id": 1}]),
]
"""What makes the data; each step builds on the ids of those before it."""


def make(known: Mapping[str, Any]) -> str:
    """The content of the file, with the password hashes of `known` data where they fit.

    Raises RuntimeError if an action is refused, CheckFailed if the outcome is inconsistent.
    """
    with Stack({"OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-1"}) as stack:
        for name, elements in STEPS:
            answer = requests.post(
                f"{stack.action_url}/internal/handle_request",
                json=[{"action": name, "data": elements}],
                headers=stack.internal_headers,
                timeout=_TIMEOUT,
            )
            if answer.status_code != 200:
                raise RuntimeError(f"{name}: {answer.text}")
        stored = requests.post(f"{stack.reader_url}/get_everything", json={}, timeout=_TIMEOUT).json()
    data = {MIGRATION_KEY: MIGRATION_INDEX, **_sorted(stored)}
    _keep_passwords(data, known)
    check_data(data)
    return _to_text(data)


def _sorted(stored: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Collections, models and fields in a fixed order, without what the datastore adds."""
    return {
        collection: {
            id_: {
                "id": int(id_),
                **{
                    name: value
                    for name, value in sorted(model.items())
                    if name != "id" and not name.startswith("meta_")
                },
            }
            for id_, model in sorted(models.items(), key=lambda item: int(item[0]))
        }
        for collection, models in sorted(stored.items())
        if models
    }


def _keep_passwords(data: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for id_, user in data["user"].items():
        hash_ = known.get("user", {}).get(id_, {}).get("password")
        if verify_password(user["default_password"], hash_):
            user["password"] = hash_


def _to_text(data: Mapping[str, Any]) -> str:
    """JSON with a line for each model, so that changes can be read."""
    parts = [f'"{MIGRATION_KEY}": {data[MIGRATION_KEY]}']
    for collection, models in data.items():
        if collection != MIGRATION_KEY:
            lines = ",\n".join(f'    "{id_}": {json.dumps(model)}' for id_, model in models.items())
            parts.append(f'"{collection}": {{\n{lines}\n  }}')
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def main(arguments: list[str], file: Path = FILE) -> int:
    """Make the file, or check it; the exit status."""
    present = file.read_text(encoding="utf-8") if file.exists() else ""
    made = make(json.loads(present) if present else {})
    if arguments != ["--check"]:
        file.write_text(made, encoding="utf-8")
        return 0
    if made != present:
        print(f"{file} is stale: run make example-data", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
