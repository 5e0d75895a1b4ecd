"""The stream of live votes (vote_service.md, "live_votes"): one look at the box a second for all readers together."""

import json
import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from openslides_backend.embedded.vote.box import BallotBox, LiveRound
from openslides_backend.embedded.vote.errors import Internal

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
MAX_READERS = 32

Line = dict[int, Mapping[int, str | None] | None]


@dataclass(frozen=True, slots=True)
class LivePoll:
    """What may be told of a round: each voter with the text of his ballot, or None where only that he has voted."""

    token: bytes
    ballots: Mapping[int, str | None]


@dataclass(slots=True)
class Told:
    """What a reader knows of a round."""

    token: bytes
    users: set[int] = field(default_factory=set)


class LiveVotes:
    """Serves the readers of one process, each with an iterator of its own; safe to be shared between threads."""

    def __init__(self, box: BallotBox, interval: float = INTERVAL_SECONDS) -> None:
        self.interval = interval
        self.closing = threading.Event()
        self._box = box
        self._lock = threading.Lock()
        self._readers = 0
        self._polls: dict[int, LivePoll] = {}
        self._looked_at = float("-inf")

    def open(self) -> "Reader":
        """A new reader's lines, without end; its `close` must be called.

        Raises Internal if there are too many, or the box can't be read.
        """
        with self._lock:
            if self._readers >= MAX_READERS:
                raise Internal("There are too many readers.")
            self._readers += 1
        try:
            return Reader(self, self.polls(max_age=0))
        except BaseException:
            self.leave()
            raise

    def close(self) -> None:
        """End all readers: they would keep the process from ending."""
        self.closing.set()

    def leave(self) -> None:
        """A reader is gone."""
        with self._lock:
            self._readers -= 1

    def polls(self, max_age: float) -> Mapping[int, LivePoll]:
        """All known polls as they were at most so many seconds ago. Raises Internal."""
        with self._lock:
            if time.monotonic() - self._looked_at >= max_age:
                looked_at = time.monotonic()
                self._polls = {poll_id: self._poll(poll_id, found) for poll_id, found in self._box.rounds().items()}
                self._looked_at = looked_at
            return self._polls

    def _poll(self, poll_id: int, found: LiveRound) -> LivePoll:
        """What was known before if nobody has voted since."""
        known = self._polls.get(poll_id)
        if known is not None and known.token == found.token and len(known.ballots) == found.voters:
            return known
        if found.live:
            ballots = self._box.ballots(poll_id, found.token)
            return LivePoll(found.token, {json.loads(text)["vote_user_id"]: text for text in ballots})
        return LivePoll(found.token, dict.fromkeys(self._box.voters(poll_id)))


class Reader(Iterator[bytes]):
    """The lines of one reader. Chunks without content in between let it be noticed that he is gone."""

    def __init__(self, live: LiveVotes, polls: Mapping[int, LivePoll]) -> None:
        self._live = live
        self._told: dict[int, Told] = {}
        self._first: Mapping[int, LivePoll] | None = polls
        self._open = True

    def __next__(self) -> bytes:
        if self._first is not None:
            line, self._first = news(self._told, self._first), None
            return _encoded(line)
        if self._live.closing.wait(self._live.interval):
            raise StopIteration
        try:
            line = news(self._told, self._live.polls(max_age=self._live.interval / 2))
        except Internal:
            raise StopIteration from None
        return _encoded(line) if line else b""

    def close(self) -> None:
        """End the reader."""
        if self._open:
            self._open = False
            self._live.leave()


def news(told: dict[int, Told], polls: Mapping[int, LivePoll]) -> Line:
    """What a reader doesn't know yet; it is noted as told. A new round of a poll is told one line after its end."""
    line: Line = {}
    for poll_id, known in list(told.items()):
        if poll_id not in polls or polls[poll_id].token != known.token:
            line[poll_id] = None
            del told[poll_id]
    for poll_id, poll in polls.items():
        if poll_id in line:
            continue
        users = _new_users(told, poll_id, poll)
        if users is not None:
            line[poll_id] = {user_id: poll.ballots[user_id] for user_id in users}
    return line


def _new_users(told: dict[int, Told], poll_id: int, poll: LivePoll) -> Collection[int] | None:
    """Who is to be told of, None if the reader knows all; even without voters a poll is new once."""
    known = told.get(poll_id)
    if known is None:
        told[poll_id] = Told(poll.token, set(poll.ballots))
        return sorted(poll.ballots)
    users = sorted(poll.ballots.keys() - known.users)
    known.users.update(users)
    return users or None


def _encoded(line: Line) -> bytes:
    return f"{json.dumps(line, separators=(',', ':'))}\n".encode()
