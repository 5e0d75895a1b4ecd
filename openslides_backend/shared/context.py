"""Who asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from openslides_backend.shared.pending import Pending

ANONYMOUS = 0
INTERNAL = -1

DRAINING = "openslides.draining"
"""Key of the WSGI environment: whether this replica was told to end."""


class Confirmation:
    """That a request comes from whom it says: the outcome of a call that may still be under way.

    Without a call there is nothing to doubt.
    """

    def __init__(self, pending: Pending[object] | None = None) -> None:
        self._pending = pending
        self._error: BaseException | None = None

    def check(self) -> None:
        """Wait for the outcome, the first time.

        Raises AuthenticationFailed or ServiceError if the request isn't confirmed, each time.
        """
        pending, self._pending = self._pending, None
        if pending is not None:
            try:
                pending.result()
            except BaseException as error:  # whatever it is, it's no confirmation
                self._error = error
        if self._error is not None:
            raise self._error


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The circumstances of one request that actions and presenters may look at.

    `user_id` is 0 for anonymous and -1 for the internal route; `language` the preferred language of the client
    (`Accept-Language`), for texts that the service writes into the data; `internal` whether it came over an internal
    route, where permissions aren't asked; `internal_actions` whether backend-internal actions may be called
    (development mode). `access_token` and `refresh_cookie` are the credentials, for services that judge them too.
    `confirmation` tells whether the user is the one of these credentials, `admitted` is set as soon as the user was
    found to be allowed to do what is asked for, at least the first action of a batch.
    """

    user_id: int
    language: str = "en"
    internal: bool = False
    internal_actions: bool = False
    access_token: str | None = field(default=None, repr=False)
    refresh_cookie: str | None = field(default=None, repr=False)
    confirmation: Confirmation = field(default_factory=Confirmation, repr=False, compare=False)
    admitted: Event = field(default_factory=Event, repr=False, compare=False)

    def confirm(self) -> None:
        """Make sure that the user is who the request says, before anything that depends on it is done or told.

        Raises AuthenticationFailed or ServiceError.
        """
        self.confirmation.check()

    @contextmanager
    def confirming(self) -> Iterator[None]:
        """Whatever comes of what is done inside: who isn't confirmed learns nothing but that."""
        try:
            yield
        finally:
            self.confirm()
