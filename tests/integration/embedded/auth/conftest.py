"""The embedded auth service over WSGI; users come from a reader that holds them in memory."""

from pathlib import Path

import pytest

from openslides_backend.embedded.auth.application import AuthApplication, AuthSettings, create_auth_application
from openslides_backend.services.passwords import hash_password
from tests.integration.embedded.auth.browser import COOKIE_KEY, LEGACY_HASH, TOKEN_KEY, Browser
from tests.integration.embedded.users import Users


@pytest.fixture(scope="module")
def hashed() -> str:
    return hash_password("admin")


@pytest.fixture
def users(hashed: str) -> Users:
    return Users(
        {
            1: {"id": 1, "username": "admin", "password": hashed, "is_active": True},
            2: {"id": 2, "username": "old", "password": LEGACY_HASH, "is_active": True},
            3: {"id": 3, "username": "inactive", "password": hashed, "is_active": False},
            4: {"id": 4, "username": "saml", "saml_id": "x", "is_active": True},
            5: {"id": 5, "username": "twin", "password": hashed, "is_active": True},
            6: {"id": 6, "username": "twin", "password": hashed, "is_active": True},
            7: {"id": 7, "username": 7, "password": hashed, "is_active": True},
        }
    )


@pytest.fixture
def settings(tmp_path: Path) -> AuthSettings:
    return AuthSettings(TOKEN_KEY, COOKIE_KEY, f"sqlite:///{tmp_path}/auth.sqlite")


@pytest.fixture
def application(settings: AuthSettings, users: Users) -> AuthApplication:
    return create_auth_application(settings, users)


@pytest.fixture
def browser(application: AuthApplication) -> Browser:
    return Browser(application)
