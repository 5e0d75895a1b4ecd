"""Polls with a vote service, which may be made to fail."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from openslides_backend.services.transport import HttpAnswer, HttpRequest, TransportError
from openslides_backend.shared.pending import Pending
from tests.integration.actions.polling import GROUP, PollingTest
from tests.integration.stack import VOTE_ORIGIN
from tests.integration.wsgi_transport import WsgiTransport

ZERO = "0.000000"


class _Silent(WsgiTransport):
    """Tells of an error where a command ought to be answered, before anything was done or afterwards."""

    def __init__(self, application: Any, command: str, error: TransportError, *, done: bool) -> None:
        super().__init__(application)
        self._command, self._error, self._done = command, error, done

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        answer = super().begin(service, request)
        return Pending(partial(self._fail, answer)) if f"/{self._command}?id=" in request.url else answer

    def _fail(self, answer: Pending[HttpAnswer]) -> HttpAnswer:
        if self._done:
            answer.result()
        raise self._error


class VotingTest(PollingTest):
    """A stack with vote service."""

    variables: ClassVar[Mapping[str, str]] = {"VOTE_HOST": "localhost"}

    def setup_method(self) -> None:
        super().setup_method()
        self.stack.polling_station.clear_all()

    def voter(self, **member: Any) -> int:
        """Somebody who is present and entitled to vote."""
        user_id = self.create_user(group_ids=[GROUP], is_present_in_meeting_ids=[1])
        self.set_models({f"meeting_user/{self.meeting_user_id(user_id, 1)}": member})
        return user_id

    def do(self, name: str, poll_id: int, status: int = 200) -> None:
        self.request(f"poll.{name}", {"id": poll_id}).assert_status(status)

    def vote(self, poll_id: int, value: object, sender: int, status: int = 200, **more: Any) -> None:
        """Cast a ballot; options are named by their position."""
        ids = [option["id"] for option in self.options_of(poll_id)]
        named = {str(ids[k]): v for k, v in value.items()} if isinstance(value, dict) else value
        self.request("poll.vote", {"id": poll_id, "value": named, **more}, user=sender).assert_status(status)

    @contextmanager
    def failing(self, command: str, status: int = 500, body: object = None, *, done: bool = False) -> Iterator[None]:
        """Let the vote service fail with this command, before it has done anything or after it (`done`)."""

        def application(environ: Any, start_response: Any) -> Iterable[bytes]:
            if not environ["PATH_INFO"].endswith(f"/{command}"):
                return real(environ, start_response)
            if done:
                b"".join(real(environ, lambda *_: lambda _: None))
            start_response(f"{status} X", [("Content-Type", "application/json")])
            return [json.dumps(body or {"error": "internal", "message": "broken"}).encode()]

        real = self.stack.vote.application
        with self.stack.replaced(VOTE_ORIGIN, WsgiTransport(application)):
            yield

    @contextmanager
    def silent(self, command: str, error: TransportError, *, done: bool = False) -> Iterator[None]:
        """Let the vote service not answer this command: what its clients see of that is such an error."""
        transport = _Silent(self.stack.vote.application, command, error, done=done)
        with self.stack.replaced(VOTE_ORIGIN, transport):
            yield
