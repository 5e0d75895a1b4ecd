"""A vote service in process, with a meeting, a poll and three voters."""

from collections.abc import Iterator

import pytest

from tests.integration.embedded.vote.polls import VoteRoutes, meeting_event, poll_event, voter_events
from tests.integration.stack import Stack, shared_stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    """The shared stack, emptied."""
    stack = shared_stack(("VOTE_HOST", "localhost"))
    stack.reset()
    stack.polling_station.clear_all()
    yield stack
    stack.polling_station.clear_all()


@pytest.fixture
def routes(stack: Stack) -> VoteRoutes:
    """The routes, with a started poll in the datastore that isn't known to the vote service yet."""
    stack.write(meeting_event(), poll_event(), *voter_events(1), *voter_events(2), *voter_events(3))
    return VoteRoutes(stack.vote, stack.credentials)
