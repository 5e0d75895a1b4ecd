"""Who may call internal services: programs that know their names and the password, no web page (docs/security.md)."""

import hmac
import json
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from openslides_backend.environment import LOOPBACK_NAMES, ConfigurationError, Environment
from openslides_backend.shared.exceptions import ErrorCode
from openslides_backend.shared.internal_access import HEADER, internal_headers
from openslides_backend.shared.request_log import note

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HEADER_KEY = f"HTTP_{HEADER.upper().replace('-', '_')}"
_PUBLIC_ROUTES = "/system/"
_CACHED_HOSTS = 256


class _Refusal(NamedTuple):
    status: HTTPStatus
    message: str
    code: ErrorCode
    reason: str


_UNKNOWN_HOST = _Refusal(
    HTTPStatus.FORBIDDEN,
    "This host name is not known here; OPENSLIDES_INTERNAL_HOSTS may name further ones.",
    ErrorCode.PERMISSION_DENIED,
    "UnknownHost",
)
_FROM_A_WEB_PAGE = _Refusal(
    HTTPStatus.FORBIDDEN, "Web pages must not call internal services.", ErrorCode.PERMISSION_DENIED, "WebPage"
)
_NO_JSON = _Refusal(
    HTTPStatus.BAD_REQUEST, "The content type must be application/json.", ErrorCode.BAD_REQUEST, "NoJson"
)
_NO_PASSWORD = _Refusal(
    HTTPStatus.UNAUTHORIZED, "The internal password is wrong or missing.", ErrorCode.UNAUTHORIZED, "Unauthorized"
)


class InternalDoor:
    """A WSGI application around another one, which refuses whoever may not call its internal routes.

    Everything is internal but health routes and, where there are public routes, what is below `/system/`. Demanded are,
    in this order: a `Host` that is an address, `localhost` or one of `hosts`; no `Origin`, which browsers send with
    whatever a page posts; JSON where there is a body; and the `password`, unless it is None.
    """

    def __init__(
        self,
        application: "WSGIApplication",
        hosts: Iterable[str],
        password: str | None,
        *,
        has_public_routes: bool,
    ) -> None:
        self.application = application
        self._hosts = frozenset({"localhost", *(host.lower() for host in hosts)})
        self._password = internal_headers(password).get(HEADER, "").encode()
        self._has_public_routes = has_public_routes
        self._is_known = lru_cache(maxsize=_CACHED_HOSTS)(self._is_known_host)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        refusal = None if self._is_public(environ) else self._refusal(environ)
        if refusal is None:
            return self.application(environ, start_response)
        note(environ, reason=refusal.reason)
        body = json.dumps({"success": False, "message": refusal.message, "code": refusal.code.value}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{refusal.status.value} {refusal.status.phrase}", headers)
        return [body]

    def _is_public(self, environ: "WSGIEnvironment") -> bool:
        path = environ.get("PATH_INFO", "")
        if self._has_public_routes and path.startswith(_PUBLIC_ROUTES):
            return True
        return path.rstrip("/").endswith("/health") and environ["REQUEST_METHOD"] in {"GET", "HEAD"}

    def _refusal(self, environ: "WSGIEnvironment") -> _Refusal | None:
        if not self._is_known(environ.get("HTTP_HOST", "")):
            return _UNKNOWN_HOST
        if "HTTP_ORIGIN" in environ:
            return _FROM_A_WEB_PAGE
        if _has_body(environ) and not _is_json(environ.get("CONTENT_TYPE", "")):
            return _NO_JSON
        if self._password and not hmac.compare_digest(_encoded(environ.get(_HEADER_KEY, "")), self._password):
            return _NO_PASSWORD
        return None

    def _is_known_host(self, header: str) -> bool:
        """Whether a `Host` header names this service.

        An address always does: only a name can be led here by somebody else's name server.
        """
        name = header.rpartition("]")[0].removeprefix("[") if header.startswith("[") else header.partition(":")[0]
        try:
            ip_address(name)
        except ValueError:
            return name.lower() in self._hosts
        return True


def open_door(
    environment: Environment, application: "WSGIApplication", *, has_public_routes: bool = False
) -> InternalDoor:
    """The door of one of the embedded services, as the environment wants it.

    A service that has no public routes doesn't ask for the password in development mode.
    Raises ConfigurationError as `check_password_is_there` does.
    """
    check_password_is_there(environment, has_public_routes=has_public_routes)
    return InternalDoor(
        application,
        (environment.embedded_host, *environment.internal_hosts),
        environment.internal_password if has_public_routes or not environment.development else None,
        has_public_routes=has_public_routes,
    )


def check_password_is_there(environment: Environment, *, has_public_routes: bool) -> None:
    """Only what listens on loopback, and has no public routes there, may do without a password.

    Raises ConfigurationError.
    """
    if environment.internal_password is None and (has_public_routes or environment.embedded_host not in LOOPBACK_NAMES):
        raise ConfigurationError(
            "INTERNAL_AUTH_PASSWORD_FILE is not set, but this service can be reached by others than its callers."
        )


def _encoded(header: str) -> bytes:
    return header.encode("utf-8", "surrogatepass")


def _has_body(environ: "WSGIEnvironment") -> bool:
    return environ.get("CONTENT_LENGTH", "") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"
