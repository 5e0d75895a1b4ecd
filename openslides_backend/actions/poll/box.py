"""The ballots of electronic polls, which are kept by the vote service (poll.md, "Vote service")."""

import logging
from collections.abc import Iterable
from functools import partial

from openslides_backend.engine.action import Part
from openslides_backend.services.services import Services
from openslides_backend.services.vote import Credentials, PollResult
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.exceptions import BackendError

logger = logging.getLogger(__name__)


def credentials_of(context: RequestContext) -> Credentials | None:
    """Those of the request, handed on to the vote service; None for calls over the internal route."""
    return None if context.internal else Credentials(context.access_token, context.refresh_cookie)


class BallotBox(Part):
    """What an action does with the ballots of polls."""

    def clear_later(self, poll_ids: Iterable[int]) -> None:
        """Have the vote service forget the polls once all is written: not before, and not if that fails."""
        for poll_id in poll_ids:
            self.run.after_commit.append(partial(clear_ballots, self.run.services, self.run.context, poll_id))

    def stop(self, poll_id: int) -> PollResult:
        """All ballots; none is accepted afterwards, and they stay where they are until they are cleared.

        Raises BadRequest or ServiceError.
        """
        return self.run.services.vote.stop(poll_id, credentials_of(self.run.context))


def clear_ballots(services: Services, context: RequestContext, poll_id: int) -> None:
    """Have the vote service forget a poll. If it fails: it clears by itself what isn't needed any more."""
    try:
        services.vote.clear(poll_id, credentials_of(context))
    except BackendError as error:
        logger.warning("The ballots of poll %s could not be cleared: %s", poll_id, error.message)
