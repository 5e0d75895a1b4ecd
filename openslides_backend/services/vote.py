"""The client of the vote service, which is optional (poll.md, "Vote service")."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol

from openslides_backend.services.http import HttpPool
from openslides_backend.services.tokens import cookie_header
from openslides_backend.services.transport import HttpAnswer
from openslides_backend.shared.exceptions import BadRequest, ServiceError
from openslides_backend.shared.fqid import MAX_ID

logger = logging.getLogger(__name__)

_FAULTS_OF_THE_REQUEST = frozenset({400, 401, 403, 404})
_RUBBISH = "The vote service does not answer properly."


@dataclass(frozen=True, slots=True)
class Credentials:
    """Access token (header `authentication`) and refresh cookie as they came with the request."""

    access_token: str | None
    refresh_cookie: str | None


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot. The users are unset unless the poll is named.

    `value` is a letter (global vote), or maps the option's id, as text, to an amount or a letter.
    """

    value: str | Mapping[str, int | str]
    weight: Decimal
    vote_user_id: int | None = None
    request_user_id: int | None = None


@dataclass(frozen=True, slots=True)
class PollResult:
    """The ballots in their order, and the users whose vote was cast, ascending."""

    ballots: tuple[Ballot, ...] = ()
    user_ids: tuple[int, ...] = ()


class VoteService(Protocol):
    """Collects the ballots of electronic polls.

    `credentials` are those of the request, None for one over the internal route. Each method raises BadRequest if they
    are incomplete or the service refuses the request, and ServiceError if it fails.
    """

    collects: bool
    """Whether ballots are handed over to it; false where there is none."""

    def start(self, poll_id: int, credentials: Credentials | None) -> None:
        """Accept ballots from now on; starting twice is no error."""

    def stop(self, poll_id: int, credentials: Credentials | None) -> PollResult:
        """Accept no more ballots; the same result each time, until the poll is cleared."""

    def clear(self, poll_id: int, credentials: Credentials | None) -> None:
        """Forget the poll and its ballots; unknown polls are no error."""

    def vote(self, poll_id: int, ballot: Mapping[str, object], credentials: Credentials) -> None:
        """Hand over a ballot: its `value`, and `user_id` where it is that of another user (vote_service.md).

        It is sent once only, whatever comes of it. Raises BadRequest with the service's message if it isn't taken, or
        if nobody knows whether it was.
        """


class NoVoteService:
    """Stands in where no vote service is configured: no ballot was ever cast there."""

    collects = False

    def start(self, poll_id: int, credentials: Credentials | None) -> None:
        """Nothing to do."""

    def stop(self, poll_id: int, credentials: Credentials | None) -> PollResult:
        """No ballots and no users."""
        return PollResult()

    def clear(self, poll_id: int, credentials: Credentials | None) -> None:
        """Nothing to do."""

    def vote(self, poll_id: int, ballot: Mapping[str, object], credentials: Credentials) -> None:
        """Raises BadRequest."""
        raise BadRequest("There is no vote service.")


class VoteClient:
    """Calls the vote service over HTTP; `url` is its base URL, `public_url` where ballots go."""

    collects = True

    def __init__(self, pool: HttpPool, url: str, public_url: str) -> None:
        self._pool = pool
        self._url = url
        self._public_url = public_url

    def start(self, poll_id: int, credentials: Credentials | None) -> None:
        """See VoteService."""
        self._call("start", poll_id, credentials)

    def stop(self, poll_id: int, credentials: Credentials | None) -> PollResult:
        """See VoteService."""
        answer = self._call("stop", poll_id, credentials)
        try:
            return _result(answer.json())
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise ServiceError(_RUBBISH) from error

    def clear(self, poll_id: int, credentials: Credentials | None) -> None:
        """See VoteService."""
        self._call("clear", poll_id, credentials)

    def vote(self, poll_id: int, ballot: Mapping[str, object], credentials: Credentials) -> None:
        """See VoteService."""
        body, headers = json.dumps(ballot).encode(), _headers(credentials)
        try:
            answer = self._pool.begin(
                "vote", "POST", f"{self._public_url}?id={poll_id}", body, headers=headers
            ).result()
        except ServiceError as error:
            raise BadRequest("The vote service doesn't answer: nobody knows whether it took the ballot.") from error
        if answer.status != 200:
            raise BadRequest(_message(answer))

    def _call(self, command: str, poll_id: int, credentials: Credentials | None) -> HttpAnswer:
        url = f"{self._url}/{command}?id={poll_id}"
        answer = self._pool.begin("vote", "POST", url, b"", headers=_headers(credentials), repeatable=True).result()
        if answer.status in _FAULTS_OF_THE_REQUEST:
            raise BadRequest(f"The vote service refused the request: {_message(answer)}")
        if answer.status != 200:
            logger.warning("vote: %s answered with status %s", command, answer.status)
            raise ServiceError("The vote service failed.")
        return answer


def _headers(credentials: Credentials | None) -> dict[str, str]:
    if credentials is None:
        return {}
    if not credentials.access_token or not credentials.refresh_cookie:
        raise BadRequest("You must be logged in to use the vote service.")
    return {"authentication": credentials.access_token, "Cookie": cookie_header(credentials.refresh_cookie)}


def _message(answer: HttpAnswer) -> str:
    """The text of an error body `{"error": type, "message": text}`, or what is known without one."""
    try:
        return str(answer.json()["message"])
    except (KeyError, TypeError, ServiceError):
        return f"status {answer.status}"


def _result(body: object) -> PollResult:
    if not isinstance(body, dict):
        raise TypeError("no object")
    user_ids = tuple(_user_id(user_id) for user_id in body["user_ids"])
    return PollResult(tuple(_ballot(vote) for vote in body["votes"]), user_ids)


def _ballot(vote: dict[str, object]) -> Ballot:
    value = _value(vote["value"])
    weight = Decimal(str(vote["weight"]))
    if not weight.is_finite():
        raise ValueError("a weight that is no number")
    users = (_user_id(vote[key]) if key in vote else None for key in ("vote_user_id", "request_user_id"))
    vote_user_id, request_user_id = users
    return Ballot(value, weight, vote_user_id, request_user_id)


def _value(value: object) -> str | dict[str, int | str]:
    if isinstance(value, str):
        return value
    if not isinstance(value, dict) or not all(isinstance(vote, int | str) for vote in value.values()):
        raise TypeError("a ballot that is neither text nor an object of amounts or letters")
    return value


def _user_id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a user id that is no integer")
    if not 1 <= value <= MAX_ID:
        raise ValueError("a user id that nobody can have")
    return value
