"""Who sent a request: verifying tokens, and the client of the auth service (auth.md)."""

import json
import logging
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from openslides_backend.services.ended_sessions import EndedSessions, MessageBusError
from openslides_backend.services.http import HttpPool
from openslides_backend.services.retries import Retries
from openslides_backend.services.tokens import (
    InvalidToken,
    SessionClaims,
    TokenKey,
    cookie_header,
    from_bearer,
    from_quoted_bearer,
)
from openslides_backend.services.transport import HttpAnswer
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import AuthenticationFailed, BadRequest, ErrorCode, ServiceError
from openslides_backend.shared.pending import Pending

logger = logging.getLogger(__name__)

_BEARER_TOKEN = re.compile(r"bearer [A-Za-z0-9_.=-]+")
_SERVICE = "auth"
_RUBBISH = "The auth service does not answer properly."


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who sent a request: `user_id` 0 for anonymous, who has no session.

    `fresh_token` is the access token that the auth service issued meanwhile, in the form `bearer JWT`; it is to be
    handed back in the answer's `authentication` header.
    """

    user_id: int
    session_id: str | None = None
    fresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request says it comes from, with tokens whose signatures are good; still to be confirmed.

    `user_id` is who `confirmation` is going to name, if anybody. `access_token` is the one to be shown to other
    services: the fresh one, if the one that came had expired.
    """

    user_id: int
    confirmation: Pending[Authentication]
    access_token: str | None = field(default=None, repr=False)


class Authenticator(Protocol):
    """Tells who sent a request, and does what else concerns sessions; safe to be shared between threads."""

    def begin(self, header: str | None, cookie: str | None) -> Claim:
        """Judge the `authentication` header and the value of the `refreshId` cookie; anonymous without the header.

        The claim's confirmation is AuthenticationFailed if the session has ended, ServiceError if the auth service had
        to be asked and doesn't answer properly.

        Raises AuthenticationFailed if anything else is wrong with them; both errors if the access token has expired.
        """

    def clear_sessions_by_user_id(self, user_id: int) -> None:
        """End all sessions of a user; if the auth service fails, it is asked again until it succeeds."""

    def create_authorization_token(self, user_id: int, email: str) -> str:
        """A token, in the form `bearer JWT`, that lets a user choose a new password within 10 minutes.

        Raises ServiceError.
        """

    def verify_authorization_token(self, token: str) -> tuple[int, str]:
        """User id and address of a token in the form `bearer JWT`, which is used up by this.

        Raises BadRequest if it is not valid, expired or used, ServiceError if the auth service fails.
        """


class HttpAuthenticator:
    """Verifies tokens by itself and asks the auth service (`url`: its base URL) where that is not enough.

    `ended_sessions` is what the message bus tells. Without it the auth service is asked at every request, and also
    while the message bus fails: that an ended session is accepted must never depend on luck.
    """

    def __init__(
        self,
        pool: HttpPool,
        url: str,
        token_key: TokenKey,
        cookie_key: TokenKey,
        ended_sessions: EndedSessions | None = None,
    ) -> None:
        self._pool = pool
        self._url = f"{url}/internal/auth"
        self._token_key = token_key
        self._cookie_key = cookie_key
        self._ended_sessions = ended_sessions
        self._to_be_cleared: deque[int] = deque()
        self._clearing = Retries(self._clear_sessions, ServiceError)

    def begin(self, header: str | None, cookie: str | None) -> Claim:
        """See Authenticator."""
        if not header:
            return Claim(ANONYMOUS, Pending.known(Authentication(ANONYMOUS)))
        if not cookie:
            raise AuthenticationFailed(
                "The access token came without the refreshId cookie that belongs to it.",
                code=ErrorCode.INCOMPLETE_CREDENTIALS,
            )
        access, refresh = self._claims(header, cookie)
        if refresh.expired:
            raise AuthenticationFailed("The refresh token has expired.")
        if access.user_id != refresh.user_id:
            raise AuthenticationFailed("The tokens belong to different users.")
        user_id = access.user_id
        if access.expired:
            authentication = self._ask(header, cookie, user_id).result()
            return Claim(user_id, Pending.known(authentication), authentication.fresh_token)
        if self._known_to_go_on({access.session_id, refresh.session_id}):
            return Claim(user_id, Pending.known(Authentication(user_id, access.session_id)), header)
        return Claim(user_id, self._ask(header, cookie, user_id), header)

    def _claims(self, header: str, cookie: str) -> tuple[SessionClaims, SessionClaims]:
        try:
            access = self._token_key.session_claims(from_bearer(header))
            return access, self._cookie_key.session_claims(from_quoted_bearer(cookie))
        except InvalidToken as error:
            raise AuthenticationFailed("The access or refresh token is not valid.") from error

    def _known_to_go_on(self, session_ids: set[str]) -> bool:
        """Whether the sessions go on for sure; False if only the auth service can tell.

        Raises AuthenticationFailed if one of them was ended.
        """
        if self._ended_sessions is None:
            return False
        try:
            ended = any(self._ended_sessions.ended(session_id) for session_id in session_ids)
        except MessageBusError as error:
            logger.warning("the message bus fails, the auth service is asked instead: %s", error)
            return False
        if ended:
            raise AuthenticationFailed("The session has ended.")
        return True

    def _ask(self, header: str, cookie: str, user_id: int) -> Pending[Authentication]:
        headers = {"authentication": header, "Cookie": cookie_header(cookie)}
        url = f"{self._url}/authenticate"
        return self._pool.begin(_SERVICE, "POST", url, b"", headers=headers, repeatable=True).then(
            partial(_authentication, user_id)
        )

    def clear_sessions_by_user_id(self, user_id: int) -> None:
        """See Authenticator."""
        self._to_be_cleared.append(user_id)
        try:
            self._clear_sessions()
        except ServiceError as error:
            logger.warning("the sessions of user %d have not ended yet: %s", user_id, error.message)
            self._clearing.begin()

    def _clear_sessions(self) -> None:
        """Raises ServiceError if the auth service doesn't confirm it; those that are left stay to be cleared."""
        while self._to_be_cleared:
            user_id = self._to_be_cleared.popleft()
            try:
                self._clear_sessions_of(user_id)
            except ServiceError:
                self._to_be_cleared.append(user_id)
                raise

    def _clear_sessions_of(self, user_id: int) -> None:
        answer = self._post("clear-sessions-by-user-id", {"userId": user_id}, repeatable=True)
        if answer.status != 200:
            raise ServiceError("The auth service could not end the sessions.")

    def create_authorization_token(self, user_id: int, email: str) -> str:
        """See Authenticator."""
        answer = self._post("create-authorization-token", {"userId": user_id, "email": email}, repeatable=True)
        token = answer.headers.get("authorization")
        if answer.status != 200 or not token:
            raise ServiceError(_RUBBISH)
        return token

    def verify_authorization_token(self, token: str) -> tuple[int, str]:
        """See Authenticator."""
        if _BEARER_TOKEN.fullmatch(token) is None:
            raise BadRequest("The authorization token is not in the form 'bearer JWT'.")
        answer = self._post("verify-authorization-token", headers={"authorization": token})
        if answer.status in {401, 403}:
            raise BadRequest("The authorization token is not valid or was used before.")
        body = _body(answer)
        try:
            return int(str(body["userId"])), str(body["email"])
        except (KeyError, ValueError) as error:
            raise ServiceError(_RUBBISH) from error

    def _post(
        self,
        route: str,
        body: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> HttpAnswer:
        content = b"" if body is None else json.dumps(body).encode()
        return self._pool.post(_SERVICE, f"{self._url}/{route}", content, headers, repeatable=repeatable)


def _authentication(user_id: int, answer: HttpAnswer) -> Authentication:
    """What the auth service says to the tokens of this user."""
    if answer.status in {401, 403}:
        raise AuthenticationFailed("The session has ended.")
    body = _body(answer)
    session_id = body.get("sessionId")
    # A service that takes the tokens for somebody else's is not to be trusted with any answer.
    if body.get("userId") != user_id or isinstance(body["userId"], bool):
        raise ServiceError(_RUBBISH)
    fresh_token = answer.headers.get("authentication")
    return Authentication(user_id, session_id if isinstance(session_id, str) else None, fresh_token)


def _body(answer: HttpAnswer) -> Mapping[str, object]:
    """The object of a successful answer.

    Raises ServiceError.
    """
    body: object = answer.json() if answer.status == 200 else None
    if not isinstance(body, dict):
        raise ServiceError(_RUBBISH)
    return body
