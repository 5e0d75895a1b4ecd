"""The routes of the vote service (vote_service.md, "Routes")."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.vote.box import BallotBox
from openslides_backend.embedded.vote.database import Database
from openslides_backend.embedded.vote.electorate import ElectorateReader
from openslides_backend.embedded.vote.errors import (
    Anonymous,
    BadCredentials,
    DevelopmentOnly,
    Internal,
    VoteError,
)
from openslides_backend.embedded.vote.live import LiveVotes
from openslides_backend.embedded.vote.payload import MAX_BODY, parse_id, parse_ids, parse_payload
from openslides_backend.embedded.vote.polling import Attempt, PollingStation
from openslides_backend.embedded.vote.sealing import Sealer
from openslides_backend.services.auth import Authenticator
from openslides_backend.services.datastore import DatastoreReader
from openslides_backend.services.tokens import COOKIE_NAME
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import AuthenticationFailed, ServiceError
from openslides_backend.shared.request_log import note

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

_INTERNAL_MESSAGE = "The vote service has a problem. Please try again."
_JSON = "application/json"
_FRESH_TOKEN_KEY = "openslides.fresh_token"  # noqa: S105 - a key of the WSGI environment

Endpoint = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class VoteSettings:
    """`database_url` as for Database, `ballot_key` the secret that ballots are sealed with."""

    database_url: str = field(repr=False)
    ballot_key: str = field(repr=False)
    development: bool = False


class VoteApplication:
    """The WSGI application. What it logs has neither user nor poll nor anything of a ballot."""

    def __init__(
        self, station: PollingStation, live: LiveVotes, authenticator: Authenticator, *, development: bool = False
    ) -> None:
        self._station = station
        self._live = live
        self._authenticator = authenticator
        self._development = development
        self._routes: dict[str, tuple[str, Endpoint]] = {
            "/internal/vote/start": ("POST", self._start),
            "/internal/vote/stop": ("POST", self._stop),
            "/internal/vote/clear": ("POST", self._clear),
            "/internal/vote/clear_all": ("POST", self._clear_all),
            "/internal/vote/live_votes": ("GET", self._live_votes),
            "/system/vote": ("POST", self._vote),
            "/system/vote/voted": ("GET", self._voted),
            "/system/vote/health": ("GET", self._health),
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is raised."""
        request = Request(environ)
        request.max_content_length = MAX_BODY
        path = request.path.rstrip("/")
        try:
            response = self._respond(request, path)
        except VoteError as error:
            note(environ, reason=error.type)
            response = _failure(error, tell=path.startswith("/internal/"))
        except HTTPException as error:
            response = _http_failure(error)
        except Exception as error:
            # Its text might quote what somebody has sent.
            logger.error("a request failed: %s", _places(error))  # noqa: TRY400
            response = _failure(Internal(""), tell=False)
        if fresh_token := environ.get(_FRESH_TOKEN_KEY):
            response.headers["authentication"] = fresh_token
        return response(environ, start_response)

    def close(self) -> None:
        """End the answers that have no end by themselves."""
        self._live.close()

    def _respond(self, request: Request, path: str) -> Response:
        method, endpoint = self._routes.get(path, ("", None))
        if endpoint is None:
            return _error("invalid", "There is no such route.", 404)
        allowed = (method, "HEAD") if method == "GET" else (method,)
        if request.method not in allowed:
            response = _error("invalid", "The method is not allowed.", 405)
            response.headers["Allow"] = ", ".join(allowed)
            return response
        return endpoint(request)

    # -- internal routes

    def _start(self, request: Request) -> Response:
        self._station.start(parse_id(request.args.get("id")))
        return _empty()

    def _stop(self, request: Request) -> Response:
        stopped = self._station.stop(parse_id(request.args.get("id")))
        # The ballots are JSON already.
        votes = ",".join(stopped.ballots)
        return _json(f'{{"votes":[{votes}],"user_ids":{json.dumps(stopped.user_ids)}}}')

    def _clear(self, request: Request) -> Response:
        self._station.clear(parse_id(request.args.get("id")))
        return _empty()

    def _clear_all(self, _request: Request) -> Response:
        if not self._development:
            raise DevelopmentOnly("All polls can be cleared in development mode only.")
        self._station.clear_all()
        return _empty()

    def _live_votes(self, request: Request) -> Response:
        if request.method == "HEAD":
            return _empty()
        response = Response(self._live.open(), content_type=_JSON)
        response.headers["X-Accel-Buffering"] = "no"
        return response

    # -- public routes

    def _vote(self, request: Request) -> Response:
        if (request.content_length or 0) > MAX_BODY:
            raise RequestEntityTooLarge
        user_id = self._user(request)
        poll_id = parse_id(request.args.get("id"))
        self._station.vote(Attempt(poll_id, user_id, parse_payload(request.get_data(cache=False))))
        return _empty()

    def _voted(self, request: Request) -> Response:
        user_id = self._user(request)
        voted = self._station.voted(user_id, parse_ids(request.args.get("ids")))
        return _json(json.dumps(voted))

    def _health(self, _request: Request) -> Response:
        return _json('{"healthy": true}')

    def _user(self, request: Request) -> int:
        """Who sent the request; if his access token had to be renewed, it is noted for the answer.

        Raises BadCredentials, Anonymous, and Internal if the auth service fails.
        """
        header, cookie = request.headers.get("authentication"), request.cookies.get(COOKIE_NAME)
        if bool(header) != bool(cookie):
            raise BadCredentials("There is only one of access token and refresh cookie.")
        try:
            authentication = self._authenticator.begin(header, cookie).confirmation.result()
        except AuthenticationFailed as error:
            raise BadCredentials(error.message) from None
        except ServiceError as error:
            raise Internal(error.message) from None
        if authentication.user_id == ANONYMOUS:
            raise Anonymous("You must be logged in to vote.")
        request.environ[_FRESH_TOKEN_KEY] = authentication.fresh_token
        return authentication.user_id


def create_vote_application(
    settings: VoteSettings, datastore: DatastoreReader, authenticator: Authenticator
) -> tuple[VoteApplication, PollingStation]:
    """The application, and what is to be tidied up from time to time; to be called after any fork."""
    box = BallotBox(Database(settings.database_url), Sealer(settings.ballot_key))
    station = PollingStation(box, ElectorateReader(datastore))
    application = VoteApplication(station, LiveVotes(box), authenticator, development=settings.development)
    return application, station


def _json(body: str, status: int = 200) -> Response:
    response = Response(body, status=status, content_type=_JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _empty() -> Response:
    return _json("")


def _error(type_: str, message: str, status: int) -> Response:
    return _json(json.dumps({"error": type_, "message": message}), status)


def _failure(error: VoteError, *, tell: bool) -> Response:
    message = _INTERNAL_MESSAGE if isinstance(error, Internal) and not tell else error.message
    return _error(error.type, message, error.status)


def _http_failure(error: HTTPException) -> Response:
    return _error("invalid", error.name, error.code or 400)


def _places(error: BaseException) -> str:
    """Type and places of an error, without its text."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} in {' > '.join(frames)}"
