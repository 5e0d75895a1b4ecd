"""Authenticating requests, with an auth service that answers whatever it is told."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

from openslides_backend.services.auth import Authentication, HttpAuthenticator
from openslides_backend.services.ended_sessions import MessageBusError
from openslides_backend.services.tokens import TokenKey, bearer
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest, ErrorCode, ServiceError
from tests.unit.services.canned_service import URL, CannedService

TOKEN_KEY, COOKIE_KEY = TokenKey("auth-dev-token-key"), TokenKey("auth-dev-cookie-key")
STRANGE_KEY = TokenKey("another-secret-of-some-length")
GOOD_ANSWER = {"userId": 7, "sessionId": "abc", "success": True, "message": "ok"}


def header(user_id: int = 7, session_id: str = "abc", lifetime: int = 600, key: TokenKey = TOKEN_KEY) -> str:
    return bearer(key.sign_session(user_id, session_id, lifetime))


def cookie(user_id: int = 7, session_id: str = "abc", lifetime: int = 600, key: TokenKey = COOKIE_KEY) -> str:
    return quote(bearer(key.sign_session(user_id, session_id, lifetime)))


@dataclass
class Bus:
    """The sessions that were ended, as far as the test says."""

    sessions: set[str] = field(default_factory=set)
    down: bool = False

    def ended(self, session_id: str) -> bool:
        if self.down:
            raise MessageBusError("down")
        return session_id in self.sessions


@pytest.fixture
def service() -> CannedService:
    service = CannedService()
    service.answers(200, GOOD_ANSWER)
    return service


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def alone(service: CannedService) -> HttpAuthenticator:
    """Without a message bus."""
    return HttpAuthenticator(service.pool(), URL, TOKEN_KEY, COOKIE_KEY)


@pytest.fixture
def told(service: CannedService, bus: Bus) -> HttpAuthenticator:
    """With a message bus."""
    return HttpAuthenticator(service.pool(), URL, TOKEN_KEY, COOKIE_KEY, bus)


@pytest.fixture(params=["alone", "told"])
def authenticator(request: pytest.FixtureRequest) -> HttpAuthenticator:
    authenticator: HttpAuthenticator = request.getfixturevalue(request.param)
    return authenticator


ANONYMOUS: dict[str, Callable[[], tuple[str | None, str | None]]] = {
    "nothing": lambda: (None, None),
    "cookie only": lambda: (None, cookie()),
    "both empty": lambda: ("", ""),
}


@pytest.mark.parametrize("case", ANONYMOUS)
def test_no_token_is_anonymous(service: CannedService, authenticator: HttpAuthenticator, case: str) -> None:
    assert authenticator.begin(*ANONYMOUS[case]()).confirmation.result() == Authentication(0, None, None)
    assert service.calls == []


@pytest.mark.parametrize("token", [header, lambda: "rubbish"])
def test_a_token_without_its_cookie_is_told_as_such(
    service: CannedService, authenticator: HttpAuthenticator, token: Callable[[], str]
) -> None:
    with pytest.raises(AuthenticationFailed, match="refreshId") as raised:
        authenticator.begin(token(), None)
    assert raised.value.code is ErrorCode.INCOMPLETE_CREDENTIALS
    assert service.calls == []


WRONG: dict[str, Callable[[], tuple[str, str]]] = {
    "rubbish in the header": lambda: ("rubbish", cookie()),
    "rubbish in the cookie": lambda: (header(), "rubbish"),
    "header is a bare token": lambda: (header().removeprefix("bearer "), cookie()),
    "header with another scheme": lambda: (header().replace("bearer", "basic"), cookie()),
    "cookie is a bare token": lambda: (header(), cookie().removeprefix("bearer%20")),
    "header signed with the secret of cookies": lambda: (header(key=COOKIE_KEY), cookie()),
    "cookie signed with the secret of headers": lambda: (header(), cookie(key=TOKEN_KEY)),
    "header signed with an unknown secret": lambda: (header(key=STRANGE_KEY), cookie()),
    "user 0": lambda: (header(user_id=0), cookie(user_id=0)),
    "user -1": lambda: (header(user_id=-1), cookie(user_id=-1)),
    "cookie expired": lambda: (header(), cookie(lifetime=-1)),
    "both expired": lambda: (header(lifetime=-1), cookie(lifetime=-1)),
    "two users": lambda: (header(user_id=8), cookie()),
    "header expired and of another user": lambda: (header(lifetime=-1, user_id=8), cookie()),
    "header expired and signed with another secret": lambda: (header(lifetime=-1, key=STRANGE_KEY), cookie()),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_tokens(service: CannedService, authenticator: HttpAuthenticator, case: str) -> None:
    with pytest.raises(AuthenticationFailed):
        authenticator.begin(*WRONG[case]()).confirmation.result()
    assert service.calls == []


def test_with_a_message_bus_nobody_is_asked(service: CannedService, told: HttpAuthenticator) -> None:
    assert told.begin(header(), cookie()).confirmation.result() == Authentication(7, "abc", None)
    assert service.calls == []


@pytest.mark.parametrize("ended", ["abc", "def"])
def test_the_message_bus_tells_of_ended_sessions(told: HttpAuthenticator, bus: Bus, ended: str) -> None:
    one, two = header(session_id="abc"), cookie(session_id="def")
    assert told.begin(one, two).confirmation.result().user_id == 7
    bus.sessions.add(ended)
    with pytest.raises(AuthenticationFailed):
        told.begin(one, two).confirmation.result()


def test_while_the_message_bus_fails_the_service_is_asked(
    service: CannedService, told: HttpAuthenticator, bus: Bus
) -> None:
    bus.down = True
    assert told.begin(header(), cookie()).confirmation.result().user_id == 7
    service.answers(403, {"success": False, "message": "ended"})
    with pytest.raises(AuthenticationFailed):
        told.begin(header(), cookie()).confirmation.result()


def test_without_a_message_bus_the_service_is_always_asked(service: CannedService, alone: HttpAuthenticator) -> None:
    one, two = header(), cookie()
    for _ in range(2):
        assert alone.begin(one, two).confirmation.result() == Authentication(7, "abc", None)
    assert [call.path for call in service.calls] == ["/internal/auth/authenticate"] * 2
    assert service.calls[0].headers["authentication"] == one
    assert service.calls[0].headers["Cookie"] == f"refreshId={two}"


def test_expired_access_token(service: CannedService, authenticator: HttpAuthenticator) -> None:
    service.answers(200, GOOD_ANSWER, {"Authentication": "bearer fresh"})
    assert authenticator.begin(header(lifetime=-1), cookie()).confirmation.result() == Authentication(
        7, "abc", "bearer fresh"
    )
    assert len(service.calls) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_the_service_refuses(service: CannedService, authenticator: HttpAuthenticator, status: int) -> None:
    service.answers(status, {"success": False, "message": "no"})
    with pytest.raises(AuthenticationFailed):
        authenticator.begin(header(lifetime=-1), cookie()).confirmation.result()


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, None),
        (200, [7]),
        (200, {}),
        (200, {"userId": 8, "sessionId": "abc"}),
        (200, {"userId": 0, "sessionId": ""}),
        (200, {"userId": "7", "sessionId": "abc"}),
        (200, {"userId": None}),
        (201, GOOD_ANSWER),
        (302, GOOD_ANSWER),
        (400, GOOD_ANSWER),
        (404, GOOD_ANSWER),
        (500, GOOD_ANSWER),
    ],
)
def test_the_service_answers_rubbish(
    service: CannedService, authenticator: HttpAuthenticator, status: int, answer: object
) -> None:
    service.answers(status, answer, {"authentication": "bearer fresh"})
    with pytest.raises(ServiceError):
        authenticator.begin(header(lifetime=-1), cookie()).confirmation.result()


def test_the_service_is_down(service: CannedService, authenticator: HttpAuthenticator) -> None:
    service.down = True
    with pytest.raises(ServiceError):
        authenticator.begin(header(lifetime=-1), cookie()).confirmation.result()


def test_user_one_is_not_true(service: CannedService, alone: HttpAuthenticator) -> None:
    service.answers(200, {**GOOD_ANSWER, "userId": True})
    with pytest.raises(ServiceError):
        alone.begin(header(user_id=1), cookie(user_id=1)).confirmation.result()


def test_clear_sessions(service: CannedService, alone: HttpAuthenticator) -> None:
    alone.clear_sessions_by_user_id(7)
    (call,) = service.calls
    assert (call.path, call.json) == ("/internal/auth/clear-sessions-by-user-id", {"userId": 7})


@pytest.mark.parametrize("status", [500, None])
def test_sessions_that_can_not_be_cleared_are_cleared_later(
    service: CannedService, alone: HttpAuthenticator, status: int | None
) -> None:
    alone._clearing.first_pause = 0.01
    service.down = status is None
    service.answers(status or 200, {})
    alone.clear_sessions_by_user_id(7)
    alone.clear_sessions_by_user_id(8)
    assert not alone_is_done(alone)
    service.down = False
    service.answers(200, {})
    deadline = time.monotonic() + 10
    while not alone_is_done(alone):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert {call.json["userId"] for call in service.calls[-2:]} == {7, 8}


def alone_is_done(authenticator: HttpAuthenticator) -> bool:
    return not authenticator._to_be_cleared and not authenticator._clearing._running


def test_create_authorization_token(service: CannedService, alone: HttpAuthenticator) -> None:
    service.answers(200, {"success": True}, {"Authorization": "bearer x.y.z"})
    assert alone.create_authorization_token(7, "a@example.com") == "bearer x.y.z"
    (call,) = service.calls
    assert call.path == "/internal/auth/create-authorization-token"
    assert call.json == {"userId": 7, "email": "a@example.com"}


@pytest.mark.parametrize(("status", "headers"), [(200, {}), (403, {"authorization": "bearer x"}), (500, {})])
def test_no_authorization_token(
    service: CannedService, alone: HttpAuthenticator, status: int, headers: dict[str, str]
) -> None:
    service.answers(status, {}, headers)
    with pytest.raises(ServiceError):
        alone.create_authorization_token(7, "a@example.com")


@pytest.mark.parametrize("user_id", [7, "7"])
def test_verify_authorization_token(service: CannedService, alone: HttpAuthenticator, user_id: object) -> None:
    service.answers(200, {"userId": user_id, "email": "a@example.com"})
    assert alone.verify_authorization_token("bearer x.y.z") == (7, "a@example.com")
    (call,) = service.calls
    assert call.path == "/internal/auth/verify-authorization-token"
    assert call.headers["authorization"] == "bearer x.y.z"


@pytest.mark.parametrize("token", ["", "x.y.z", "Bearer x.y.z", "bearer ", "bearer x\r\nX: 1", "bearer ✓", "bearer x "])
def test_no_authorization_token_at_all(service: CannedService, alone: HttpAuthenticator, token: str) -> None:
    with pytest.raises(BadRequest):
        alone.verify_authorization_token(token)
    assert service.calls == []


def test_refused_authorization_token(service: CannedService, alone: HttpAuthenticator) -> None:
    service.answers(403, {"success": False})
    with pytest.raises(BadRequest):
        alone.verify_authorization_token("bearer x.y.z")


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, b"x"), (200, {}), (200, {"userId": "x", "email": "a"}), (200, {"userId": 7}), (500, {})],
)
def test_unclear_authorization_token(
    service: CannedService, alone: HttpAuthenticator, status: int, answer: object
) -> None:
    service.answers(status, answer)
    with pytest.raises(ServiceError):
        alone.verify_authorization_token("bearer x.y.z")
