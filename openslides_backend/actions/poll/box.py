"""The ballots of electronic polls, which are kept by the vote service (poll.md, "Vote service")."""

import logging
from collections.abc import Iterable
from functools import partial

from openslides_backend.engine.action import Part
from openslides_backend.engine.run import Amends
from openslides_backend.services.datastore import GetMany
from openslides_backend.services.services import Services
from openslides_backend.services.vote import Credentials, PollResult
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.exceptions import BackendError

logger = logging.getLogger(__name__)


class BallotBox(Part):
    """What actions do with the ballots of polls; all calls may be repeated after a lock conflict.

    A call raises BadRequest or ServiceError if the vote service refuses or fails.
    """

    def start(self, poll_id: int) -> None:
        """Accept ballots as soon as the poll is started in the datastore, too; if that fails, it is taken back."""
        self.run.services.vote.start(poll_id, credentials_of(self.run.context))
        step = partial(_clear_if_not_started, self.run.services, self.run.context, poll_id)
        self.run.kept(Amends).steps.setdefault(f"poll/{poll_id}", step)

    def stop(self, poll_id: int) -> PollResult:
        """All ballots; none is accepted afterwards, and they stay where they are until they are cleared."""
        return self.run.services.vote.stop(poll_id, credentials_of(self.run.context))

    def clear_later(self, poll_ids: Iterable[int]) -> None:
        """Have the vote service forget the polls once all is written: not before, and not if that fails."""
        for poll_id in poll_ids:
            self.run.after_commit.append(partial(_clear, self.run.services, self.run.context, poll_id))


def credentials_of(context: RequestContext) -> Credentials | None:
    """Those of the request, handed on to the vote service; None for calls over the internal route."""
    return None if context.internal else Credentials(context.access_token, context.refresh_cookie)


def _clear(services: Services, context: RequestContext, poll_id: int) -> None:
    """Have the vote service forget a poll. If that fails it finds out by itself what isn't needed any more."""
    try:
        services.vote.clear(poll_id, credentials_of(context))
    except BackendError as error:
        logger.warning("The ballots of poll %s could not be cleared: %s", poll_id, error.message)


def _clear_if_not_started(services: Services, context: RequestContext, poll_id: int) -> None:
    """Take a start back, unless the poll was started all the same: by somebody else, or without our being told.

    Who has started it would lose his ballots.
    """
    (polls,) = services.datastore.read([GetMany("poll", (poll_id,), ("state",))])
    if polls.get(poll_id, {}).get("state") == "created":
        _clear(services, context, poll_id)
