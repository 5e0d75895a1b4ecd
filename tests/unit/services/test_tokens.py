"""Every way in which a token can be wrong."""

import base64
import hmac
import json
import math
import time
from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from openslides_backend.services.tokens import (
    InvalidToken,
    SessionClaims,
    TokenKey,
    bearer,
    from_bearer,
    from_quoted_bearer,
)

SECRET = "auth-dev-token-key"
GOOD = {"userId": 7, "sessionId": "abc"}


def forge(claims: object, secret: str = SECRET, algorithm: str = "HS256") -> str:
    """A token made without the code under test."""
    assert isinstance(claims, dict)
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])


def in_a_minute() -> int:
    return int(time.time()) + 60


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.fixture
def key() -> TokenKey:
    return TokenKey(SECRET)


def test_what_was_signed_is_verified(key: TokenKey) -> None:
    before = time.time()
    claims = key.session_claims(key.sign_session(7, "abc", 600))
    assert (claims.user_id, claims.session_id, claims.expired) == (7, "abc", False)
    assert before + 599 <= claims.expires <= time.time() + 600


def test_token_of_another_implementation(key: TokenKey) -> None:
    expires = in_a_minute()
    token = forge({**GOOD, "exp": expires, "iat": expires - 60, "more": [1]})
    assert key.session_claims(token) == SessionClaims(7, "abc", expires)


def test_expiry_is_told_by_the_clock_each_time(key: TokenKey, monkeypatch: pytest.MonkeyPatch) -> None:
    token = key.sign_session(7, "abc", 600)
    assert not key.session_claims(token).expired
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert key.session_claims(token).expired


def test_verify_refuses_expired_tokens(key: TokenKey) -> None:
    assert key.verify(key.sign({"a": "b"}, 60))[0]["a"] == "b"
    with pytest.raises(InvalidToken):
        key.verify(key.sign({"a": "b"}, -1))


@pytest.mark.parametrize(
    "claims",
    [
        {"sessionId": "abc"},
        {"userId": "7", "sessionId": "abc"},
        {"userId": None, "sessionId": "abc"},
        {"userId": True, "sessionId": "abc"},
        {"userId": 7.0, "sessionId": "abc"},
        {"userId": 0, "sessionId": "abc"},
        {"userId": -1, "sessionId": "abc"},
        {"userId": [7], "sessionId": "abc"},
        {"userId": 7},
        {"userId": 7, "sessionId": ""},
        {"userId": 7, "sessionId": 5},
    ],
)
def test_wrong_claims(key: TokenKey, claims: dict[str, object]) -> None:
    with pytest.raises(InvalidToken):
        key.session_claims(forge({**claims, "exp": in_a_minute()}))


@pytest.mark.parametrize(
    "expires",
    [
        {},
        {"exp": "never"},
        {"exp": None},
        {"exp": True},
        {"exp": [1]},
        {"exp": math.nan},
        {"exp": math.inf},
        {"exp": -math.inf},
        {"exp": 10**400},
    ],
)
def test_wrong_expiry(key: TokenKey, expires: dict[str, object]) -> None:
    payload = segment({"alg": "HS256"}) + "." + segment({**GOOD, **expires})
    signed = OctKey.import_key(SECRET)
    signature = jws_signature(payload, signed)
    with pytest.raises(InvalidToken):
        key.session_claims(f"{payload}.{signature}")


def jws_signature(payload: str, key: OctKey) -> str:
    digest = hmac.digest(key.raw_value, payload.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def without_algorithm(token: str) -> str:
    return segment({"alg": "none", "typ": "JWT"}) + "." + token.split(".")[1] + "."


def other_user(token: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{segment({**GOOD, 'userId': 1, 'exp': in_a_minute()})}.{signature}"


def cut(token: str) -> str:
    return token[:-4]


def no_signature(token: str) -> str:
    return token.rpartition(".")[0] + "."


def rubbish(_token: str) -> str:
    return "a.b.c"


def empty(_token: str) -> str:
    return ""


def not_ascii(token: str) -> str:
    return token + "é"


def surrogate(token: str) -> str:
    return token + "\ud800"


def list_as_payload(token: str) -> str:
    payload = token.split(".", maxsplit=1)[0] + "." + segment([1])
    return f"{payload}.{jws_signature(payload, OctKey.import_key(SECRET))}"


def endless(token: str) -> str:
    return token + "A" * 10_000


@pytest.mark.parametrize(
    "spoil",
    [
        without_algorithm,
        other_user,
        cut,
        no_signature,
        rubbish,
        empty,
        not_ascii,
        surrogate,
        list_as_payload,
        endless,
    ],
)
def test_broken_tokens(key: TokenKey, spoil: Callable[[str], str]) -> None:
    with pytest.raises(InvalidToken):
        key.session_claims(spoil(key.sign_session(7, "abc", 600)))


def test_another_secret(key: TokenKey) -> None:
    with pytest.raises(InvalidToken):
        key.session_claims(TokenKey("auth-dev-cookie-key").sign_session(7, "abc", 600))


def test_another_algorithm(key: TokenKey) -> None:
    with pytest.raises(InvalidToken):
        key.session_claims(forge({**GOOD, "exp": in_a_minute()}, algorithm="HS512"))


def test_an_authorization_token_opens_no_session(key: TokenKey) -> None:
    with pytest.raises(InvalidToken):
        key.session_claims(key.sign({"userId": "7", "email": "a@example.com"}, 600))


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty secret"):
        TokenKey("")


def test_bearer_forms() -> None:
    assert from_bearer(bearer("x.y.z")) == "x.y.z"
    assert from_quoted_bearer("bearer%20x.y.z") == "x.y.z"
    assert from_quoted_bearer("bearer x.y.z") == "x.y.z"


@pytest.mark.parametrize(
    "value", ["", "x.y.z", "Bearer x.y.z", "basic x.y.z", "bearerx.y.z", "bearer%20x.y.z", " bearer x"]
)
def test_no_bearer_form(value: str) -> None:
    with pytest.raises(InvalidToken):
        from_bearer(value)
