"""What the tests of the embedded auth service share: a client that keeps its tokens, and a message bus."""

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import Client, TestResponse

from openslides_backend.embedded.auth.application import AuthApplication
from openslides_backend.services.ended_sessions import MessageBusError
from openslides_backend.services.tokens import TokenKey, from_bearer

TOKEN_KEY, COOKIE_KEY = "auth-dev-token-key", "auth-dev-cookie-key"
SALT = "s" * 64
LEGACY_HASH = SALT + base64.b64encode(hashlib.sha512(("old" + SALT).encode()).digest()).decode()
LOGIN = "/system/auth/login"


@dataclass
class Browser:
    """A client that keeps its two tokens."""

    application: AuthApplication
    header: str = ""
    cookie: str = ""

    def request(self, method: str, path: str, **more: Any) -> TestResponse:
        client = Client(self.application, use_cookies=False)
        headers = {"authentication": self.header} if self.header else {}
        if self.cookie:
            headers["Cookie"] = f"refreshId={self.cookie}"
        return client.open(path, method=method, headers={**headers, **more.pop("headers", {})}, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.request("POST", path, **more)

    def login(self, username: str = "admin", password: str = "admin") -> TestResponse:
        answer = self.post(LOGIN, json={"username": username, "password": password})
        if answer.status_code == 200:
            self.header = answer.headers["authentication"]
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        return answer

    def sessions(self) -> list[str]:
        answer = self.request("GET", "/system/auth/secure/list-sessions")
        assert answer.status_code == 200
        sessions: list[str] = answer.get_json()["sessions"]
        return sessions

    @property
    def session_id(self) -> str:
        return TokenKey(TOKEN_KEY).session_claims(from_bearer(self.header)).session_id

    def is_logged_in(self) -> bool:
        status = self.post("/internal/auth/authenticate").status_code
        assert status in {200, 403}
        return status == 200


@dataclass
class Bus:
    """A message bus that can be down."""

    down: bool = False
    heard: set[str] = field(default_factory=set)

    def ended(self, session_id: str) -> bool:
        return session_id in self.heard

    def publish(self, session_ids: Sequence[str]) -> None:
        if self.down:
            raise MessageBusError("down")
        self.heard.update(session_ids)

    def has_heard(self, session_id: str) -> bool:
        """Wait until it has."""
        deadline = time.monotonic() + 10
        while session_id not in self.heard and time.monotonic() < deadline:
            time.sleep(0.01)
        return session_id in self.heard
