"""The password of the internal routes."""

import base64
from pathlib import Path

import pytest

from openslides_backend.http.credentials import InternalPassword
from openslides_backend.shared.exceptions import BadRequest, InternalError, Unauthorized


def encoded(password: str) -> str:
    return base64.b64encode(password.encode()).decode()


@pytest.fixture
def password(tmp_path: Path) -> InternalPassword:
    file = tmp_path / "password"
    file.write_text("söcret words\n")
    return InternalPassword(development=False, file=file)


def test_right(password: InternalPassword) -> None:
    password.check(encoded("söcret words"))
    password.check(encoded("söcret words\n"))


def test_development() -> None:
    password = InternalPassword(development=True, file=None)
    password.check(encoded("openslides"))
    with pytest.raises(Unauthorized):
        password.check(encoded("openslide"))


@pytest.mark.parametrize("header", [None, "", encoded("other"), encoded(""), encoded("openslides"), encoded("söcret")])
def test_wrong(password: InternalPassword, header: str | None) -> None:
    with pytest.raises(Unauthorized):
        password.check(header)


@pytest.mark.parametrize("header", ["x", "Basic " + encoded("a"), "ä", encoded("söcret words").rstrip("="), "a_-="])
def test_no_base64(password: InternalPassword, header: str) -> None:
    with pytest.raises(BadRequest):
        password.check(header)


def test_no_password_configured(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for file, message in ((None, "INTERNAL_AUTH_PASSWORD_FILE"), (tmp_path / "gone", "read"), (empty, "empty")):
        with pytest.raises(InternalError, match=message):
            InternalPassword(development=False, file=file).check(encoded(""))
