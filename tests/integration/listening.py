"""What the action component asks the datastore for, where the number of its calls doesn't tell enough."""

from collections.abc import Iterator
from contextlib import contextmanager

from openslides_backend.services.transport import HttpAnswer, HttpRequest, Transport
from openslides_backend.shared.pending import Pending
from tests.integration.stack import Stack
from tests.whole_body import whole_body


class Mentions:
    """Counts the requests that mention a text."""

    def __init__(self, listened_to: Transport, text: str) -> None:
        self._listened_to = listened_to
        self._text = text.encode()
        self.count = 0

    def begin(self, service: str, request: HttpRequest) -> Pending[HttpAnswer]:
        """See Transport."""
        self.count += self._text in whole_body(request)
        return self._listened_to.begin(service, request)

    def close(self) -> None:
        """See Transport."""
        self._listened_to.close()


@contextmanager
def listening_for(stack: Stack, text: str) -> Iterator[Mentions]:
    """Count the questions to the datastore that mention a text, such as the name of a field in quotes."""
    url = stack.environment.datastore_reader_url
    mentions = Mentions(stack.transport(url), text)
    with stack.replaced(url, mentions):
        yield mentions
