"""Stored data of an older version are migrated when the service starts, and by a command; newer ones are refused."""

import json
from pathlib import Path
from typing import Any

import requests

from dev.stack import Stack, free_ports
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.serve.initial_data import INITIAL_DATA
from tests.system.processes import run_python, wait_until

BACKEND = "openslides_backend"


def index(stack: Stack) -> Any:
    """The migration index of what is stored."""
    url = f"{stack.reader_url}/migration_index"
    return requests.post(url, json={}, timeout=10, headers=stack.internal_headers).json()["migration_index"]


def import_data(stack: Stack, number: int) -> None:
    """Import the initial data as if they were of this index."""
    data = {**json.loads(INITIAL_DATA.read_text(encoding="utf-8")), "_migration_index": number}
    batch = [{"action": "organization.initial_import", "data": [{"data": data}]}]
    assert post(stack, batch).status_code == 200


def post(stack: Stack, batch: object) -> requests.Response:
    return requests.post(
        f"{stack.action_url}/internal/handle_request", json=batch, timeout=30, headers=stack.internal_headers
    )


def test_older_data_are_migrated_on_start_and_by_command(tmp_path: Path) -> None:
    create = [{"action": "organization_tag.create", "data": [{"name": "x", "color": "#ff0000", "organization_id": 1}]}]
    with Stack(folder=tmp_path) as stack:
        import_data(stack, MIGRATION_INDEX - 1)
        assert "must be migrated" in post(stack, create).json()["message"]
        assert run_python(BACKEND, stack.variables, "migrate") == (0, "")
        assert index(stack) == MIGRATION_INDEX
        assert post(stack, create).status_code == 200
        requests.post(f"{stack.writer_url}/truncate_db", json={}, timeout=10, headers=stack.internal_headers)
        import_data(stack, MIGRATION_INDEX - 2)
    with Stack(folder=tmp_path) as stack:
        wait_until(lambda: index(stack) == MIGRATION_INDEX, "migrated")
        assert post(stack, create).status_code == 200


def test_newer_data_are_refused_in_one_line(tmp_path: Path) -> None:
    newer = MIGRATION_INDEX + 1
    with Stack() as stack:
        event = {"type": "create", "fqid": "organization/1", "fields": {"id": 1, "name": "x"}}
        body = {"user_id": 0, "information": {}, "locked_fields": {}, "events": [event], "migration_index": newer}
        answer = requests.post(f"{stack.writer_url}/write", json=body, timeout=10, headers=stack.internal_headers)
        assert answer.status_code == 201
        code, errors = run_python(BACKEND, stack.variables, "migrate")
        line = f"the data have migration index {newer}, this service has only {MIGRATION_INDEX}"
        assert (code, errors) == (1, f"openslides_backend: {line}\n")
        ports = dict(zip(("ACTION_PORT", "PRESENTER_PORT"), map(str, free_ports(2)), strict=True))
        code, errors = run_python(BACKEND, {**stack.variables, **ports})
        assert code == 1
        assert line in errors
        assert "Traceback" not in errors


def test_unknown_command() -> None:
    assert run_python(BACKEND, {}, "migrant") == (2, "usage: python -m openslides_backend [migrate]\n")
