"""Who asks: tokens of users, and the password of the internal routes (http.md, "Credentials")."""

import base64
import binascii
import hmac
from pathlib import Path

from openslides_backend.http.request import Request
from openslides_backend.services.auth import Authentication, Authenticator
from openslides_backend.services.tokens import COOKIE_NAME
from openslides_backend.shared.context import ANONYMOUS, Confirmation, RequestContext
from openslides_backend.shared.exceptions import BadRequest, InternalError, Unauthorized

DEVELOPMENT_PASSWORD = b"openslides"


def authenticate(request: Request, authenticator: Authenticator) -> RequestContext:
    """The circumstances of a public request: its user, 0 for anonymous, who is still to be confirmed.

    A fresh token is noted for the answer.

    Raises AuthenticationFailed for bad or expired credentials, ServiceError if the auth service is needed and fails.
    """
    header, cookie = request.environ.get("HTTP_AUTHENTICATION"), request.cookies.get(COOKIE_NAME)
    claim = authenticator.begin(header, cookie)

    def note(authentication: Authentication) -> None:
        request.fresh_token = authentication.fresh_token
        request.notes.user_id = authentication.user_id

    return RequestContext(
        claim.user_id,
        request.language,
        access_token=claim.access_token,
        refresh_cookie=cookie,
        confirmation=Confirmation(claim.confirmation.then(note)),
    )


def is_logged_in(request: Request, authenticator: Authenticator) -> bool:
    """Whether the request comes from a user, who is confirmed.

    Raises as `authenticate`, AuthenticationFailed also if the session has ended.
    """
    context = authenticate(request, authenticator)
    context.confirm()
    return context.user_id != ANONYMOUS


class InternalPassword:
    """The password of the internal routes: a fixed one in development mode, else the content of a file."""

    def __init__(self, *, development: bool, file: Path | str | None) -> None:
        self._development = development
        self._file = file

    def check(self, header: str | None) -> None:
        """Judge the value of an `Authorization` header.

        Raises Unauthorized if it is missing or holds another password, BadRequest if it isn't base64, InternalError if
        the service has no password.
        """
        expected = self._expected()
        if not header:
            raise Unauthorized("The internal password is missing.")
        try:
            given = base64.b64decode(header.encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error):
            raise BadRequest("The Authorization header is no base64.") from None
        if not hmac.compare_digest(given.rstrip(b"\r\n"), expected):
            raise Unauthorized("The internal password is wrong.")

    def _expected(self) -> bytes:
        if self._development:
            return DEVELOPMENT_PASSWORD
        if not self._file:
            raise InternalError("Internal routes can not be used: INTERNAL_AUTH_PASSWORD_FILE is not set.")
        try:
            password = Path(self._file).read_bytes().rstrip(b"\r\n")
        except OSError:
            raise InternalError("Internal routes can not be used: the password file can not be read.") from None
        if not password:
            raise InternalError("Internal routes can not be used: the password file is empty.")
        return password
