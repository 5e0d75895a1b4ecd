"""What an empty datastore is filled with on start."""

from pathlib import Path

import pytest
import requests

from dev.stack import Stack, StackFailed

CREATE = {"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}


def login(stack: Stack, username: str, password: str) -> requests.Response:
    body = {"username": username, "password": password}
    return requests.post(f"{stack.auth_url}/system/auth/login", json=body, timeout=10)


def get(stack: Stack, fqid: str) -> dict[str, object]:
    answer: dict[str, object] = requests.post(
        f"{stack.reader_url}/get", json={"fqid": fqid}, timeout=10, headers=stack.internal_headers
    ).json()
    return answer


def test_production_gets_the_initial_data_once(tmp_path: Path) -> None:
    with Stack(CREATE, development=False, folder=tmp_path) as stack:
        password = (tmp_path / "data" / "secrets" / "superadmin").read_text()
        assert login(stack, "superadmin", password).status_code == 200
        assert login(stack, "superadmin", "superadmin").status_code == 403
        first = get(stack, "organization/1")
        assert "default_password" not in get(stack, "user/1")
    with Stack(CREATE, development=False, folder=tmp_path) as stack:
        assert get(stack, "organization/1") == first
        assert login(stack, "superadmin", password).status_code == 200


def test_production_does_not_start_without_the_superadmin_password(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    variables = {**CREATE, "SUPERADMIN_PASSWORD_FILE": str(missing)}
    with (
        pytest.raises(StackFailed, match=f"SUPERADMIN_PASSWORD_FILE: the secret file {missing}"),
        Stack(variables, development=False),
    ):
        pass


def test_development_gets_the_example_data() -> None:
    with Stack(CREATE) as stack:
        assert login(stack, "superadmin", "superadmin").status_code == 200
        assert get(stack, "meeting/1")["id"] == 1


def test_without_being_asked_nothing_is_imported() -> None:
    with Stack() as stack:
        assert (
            requests.post(
                f"{stack.reader_url}/get_everything", json={}, timeout=10, headers=stack.internal_headers
            ).json()
            == {}
        )
