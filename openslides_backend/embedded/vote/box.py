"""The ballot box: rounds, voters and sealed ballots in a database.

Whatever changes a round locks its row first, so that starting, ballots, stopping and clearing of a poll happen one
after the other through whichever replica. That a user has one ballot only is a constraint of the database besides.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from openslides_backend.embedded.vote.database import BALLOTS, ROUNDS, VOTERS, Database
from openslides_backend.embedded.vote.errors import DoubleVote, Internal, NotExist, Stopped, VoteError
from openslides_backend.embedded.vote.sealing import CannotOpen, Seal, Sealer

_TOKEN_BYTES = 16
_ID_BYTES = 16
MAX_AGE_SECONDS = 1.0
"""How old the data may be that an accepted ballot rests on (vote_service.md, "What is read when")."""
_UNREADABLE = "Not all ballots of the poll can be read."

_ROUNDS_OF = select(ROUNDS).where(ROUNDS.c.poll_id.in_(bindparam("poll_ids", expanding=True)))
_LOCKED_ROUNDS = _ROUNDS_OF.order_by(ROUNDS.c.poll_id).with_for_update()
_COUNT_VOTERS = select(func.count()).where(VOTERS.c.poll_id == bindparam("poll_id"))
_VOTERS_OF = select(VOTERS.c.user_id).where(VOTERS.c.poll_id == bindparam("poll_id")).order_by(VOTERS.c.user_id)
_BALLOTS_OF = select(BALLOTS.c.id, BALLOTS.c.sealed).where(BALLOTS.c.poll_id == bindparam("poll_id"))
_WHO_OF_THESE = select(VOTERS.c.poll_id, VOTERS.c.user_id).where(
    VOTERS.c.poll_id.in_(bindparam("poll_ids", expanding=True)),
    VOTERS.c.user_id.in_(bindparam("user_ids", expanding=True)),
)
_WHO_OF_THESE_POSTGRES = text(
    "SELECT v.poll_id, v.user_id"
    " FROM unnest(CAST(:poll_ids AS bigint[])) AS p(id), unnest(CAST(:user_ids AS bigint[])) AS u(id),"
    " LATERAL (SELECT * FROM vote_voter WHERE poll_id = p.id AND user_id = u.id OFFSET 0) AS v"
)
"""The same; asked with lists, PostgreSQL reads all voters of a poll for each ballot."""
_COUNTS = select(VOTERS.c.poll_id, func.count().label("voters")).group_by(VOTERS.c.poll_id)


@dataclass(frozen=True, slots=True)
class NewRound:
    """What is remembered of a poll when it is started; `size` is what its ballots are padded to, in bytes."""

    poll_id: int
    named: bool
    live: bool
    size: int


@dataclass(frozen=True, slots=True)
class RoundState:
    """A round as it was when somebody looked: it is the same again only if nothing happened to it."""

    token: bytes
    stopped: bool
    voters: int


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot that passed all checks but the last three, and the texts that are kept of it.

    `user_id` is the represented user. `not_running` is what the state in the datastore says against it,
    `voted_elsewhere` whether the vote was cast there. All this was read at `read_at` (seconds of the monotonic clock),
    when the round of the poll had this `token` (None: there was no round).
    """

    poll_id: int
    user_id: int
    named_text: str
    secret_text: str
    not_running: VoteError | None = None
    voted_elsewhere: bool = False
    token: bytes | None = None
    read_at: float = 0.0


class Outdated(Exception):
    """What a ballot was judged by is too old: its checks must be done again."""


@dataclass(frozen=True, slots=True)
class StoppedRound:
    """All ballots as texts in random order, always the same one, and whose they are, ascending."""

    ballots: tuple[str, ...]
    user_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LiveRound:
    """What the readers of live votes may know of a round: who has voted, and the ballots if `live`."""

    token: bytes
    live: bool
    voters: int


class BallotBox:
    """The ballots of all known polls; safe to be shared between threads. Every method raises Internal."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    # -- rounds

    def state(self, poll_id: int) -> RoundState | None:
        """The round of a poll, None if it is not known."""
        with self._database.read() as connection:
            row = connection.execute(_ROUNDS_OF, {"poll_ids": [poll_id]}).first()
            return None if row is None else _state(connection, row)

    def open(self, new: NewRound, *, instead_of: RoundState | None) -> None:
        """Begin a round, unless there is one; the one that is to be replaced is dropped if nothing happened to it."""
        with self._database.write() as connection:
            row = connection.execute(_LOCKED_ROUNDS, {"poll_ids": [new.poll_id]}).first()
            if row is not None:
                if instead_of is None or _state(connection, row) != instead_of:
                    return
                _forget(connection, [new.poll_id])
            _insert_round(connection, new, self._sealer, postgres=self._database.postgres)
        if row is not None:
            self._database.erase()

    def stop(self, poll_id: int) -> StoppedRound:
        """Take no more ballots, and tell those that were taken.

        Raises NotExist if the poll is not known.
        """
        with self._database.write() as connection:
            row = connection.execute(_LOCKED_ROUNDS, {"poll_ids": [poll_id]}).first()
            if row is None:
                raise NotExist("The poll is not known here.")
            if not row.stopped:
                connection.execute(update(ROUNDS).where(ROUNDS.c.poll_id == poll_id).values(stopped=True))
            user_ids = connection.execute(_VOTERS_OF, {"poll_id": poll_id}).scalars().all()
            ballots = connection.execute(_BALLOTS_OF.order_by(BALLOTS.c.id), {"poll_id": poll_id}).all()
        texts = _open_all(self._sealer.seal(row.token), ballots)
        if len(texts) != len(user_ids):
            raise Internal(_UNREADABLE)
        return StoppedRound(tuple(texts), tuple(user_ids))

    def clear(self, poll_ids: Collection[int] | None = None, *, only: dict[int, bytes] | None = None) -> None:
        """Forget these polls, or all (None), so that nothing is left in the database's files.

        With `only` just the rounds with these tokens, by poll.
        """
        with self._database.write() as connection:
            wanted = _all_polls(connection) if poll_ids is None else poll_ids
            rows = connection.execute(_LOCKED_ROUNDS, {"poll_ids": sorted(wanted)}).all()
            known = [row.poll_id for row in rows if only is None or only.get(row.poll_id) == row.token]
            _forget(connection, known)
        if known:
            self._database.erase()

    def erase(self) -> bool:
        """Erase what was deleted and is still in the files; whether that was possible."""
        return self._database.erase()

    # -- ballots

    def cast(self, ballots: Sequence[Cast]) -> list[Exception | None]:
        """Store ballots in one transaction; for each of them None, or why it was refused."""
        with self._database.write() as connection:
            poll_ids = sorted({ballot.poll_id for ballot in ballots})
            rounds = {row.poll_id: row for row in connection.execute(_LOCKED_ROUNDS, {"poll_ids": poll_ids})}
            user_ids = sorted({ballot.user_id for ballot in ballots})
            voted = set(self._who_voted(connection, poll_ids, user_ids))
            now = time.monotonic()
            outcomes: list[Exception | None] = []
            taken: list[Cast] = []
            for ballot in ballots:
                refusal = self._refusal(ballot, rounds.get(ballot.poll_id), voted, now)
                outcomes.append(refusal)
                if refusal is None:
                    voted.add((ballot.poll_id, ballot.user_id))
                    taken.append(ballot)
            if taken:
                self._store(connection, taken, rounds)
        return outcomes

    def _refusal(self, ballot: Cast, round_: Any, voted: set[tuple[int, int]], now: float) -> Exception | None:
        """Checks 13 to 15, in their order; a round that was sealed with another key takes no ballots."""
        if ballot.token != (round_ and round_.token) or now - ballot.read_at > MAX_AGE_SECONDS:
            return Outdated()
        if round_ is None or isinstance(ballot.not_running, NotExist):
            return NotExist("The poll is not known here.")
        if round_.stopped or ballot.not_running is not None:
            return Stopped("The poll takes no ballots any more.")
        if ballot.voted_elsewhere or (ballot.poll_id, ballot.user_id) in voted:
            return DoubleVote("The vote was cast before.")
        if not self._sealer.seal(round_.token).fits(round_.seal_check):
            return Internal("The ballots of the poll are sealed with another key.")
        return None

    def _store(self, connection: Connection, ballots: Iterable[Cast], rounds: dict[int, Any]) -> None:
        """Voters and ballots each in an order of their own, which tells nothing about the other."""
        voters = sorted((ballot.poll_id, ballot.user_id) for ballot in ballots)
        connection.execute(insert(VOTERS), [{"poll_id": poll, "user_id": user} for poll, user in voters])
        sealed = sorted(self._sealed(ballot, rounds[ballot.poll_id]) for ballot in ballots)
        connection.execute(
            insert(BALLOTS), [{"id": id_, "poll_id": poll, "sealed": text} for id_, poll, text in sealed]
        )

    def _sealed(self, ballot: Cast, round_: Any) -> tuple[bytes, int, bytes]:
        id_ = secrets.token_bytes(_ID_BYTES)
        content = ballot.named_text if round_.named else ballot.secret_text
        return id_, ballot.poll_id, self._sealer.seal(round_.token).close(id_, content, round_.size)

    # -- what is told meanwhile

    def voted(self, poll_ids: Collection[int], user_ids: Collection[int]) -> dict[int, list[int]]:
        """Who of these users has voted, ascending, by poll; without polls in which none of them has."""
        result: dict[int, list[int]] = defaultdict(list)
        with self._database.read() as connection:
            for poll_id, user_id in self._who_voted(connection, sorted(poll_ids), sorted(user_ids)):
                result[poll_id].append(user_id)
        return {poll_id: sorted(found) for poll_id, found in result.items()}

    def _who_voted(
        self, connection: Connection, poll_ids: Sequence[int], user_ids: Sequence[int]
    ) -> list[tuple[int, int]]:
        """Pairs of poll and user, in no order."""
        statement = _WHO_OF_THESE_POSTGRES if self._database.postgres else _WHO_OF_THESE
        rows = connection.execute(statement, {"poll_ids": poll_ids, "user_ids": user_ids})
        return [(row.poll_id, row.user_id) for row in rows]

    def tokens(self, poll_ids: Collection[int]) -> dict[int, bytes]:
        """The tokens of the rounds of these polls, without those that aren't known."""
        with self._database.read() as connection:
            rows = connection.execute(_ROUNDS_OF, {"poll_ids": sorted(poll_ids)}).all()
        return {row.poll_id: row.token for row in rows}

    def rounds(self) -> dict[int, LiveRound]:
        """All known polls, and how many have voted."""
        with self._database.read() as connection:
            counts = {row.poll_id: row.voters for row in connection.execute(_COUNTS)}
            rows = connection.execute(select(ROUNDS)).all()
        return {row.poll_id: LiveRound(row.token, row.named and row.live, counts.get(row.poll_id, 0)) for row in rows}

    def voters(self, poll_id: int) -> list[int]:
        """All who have voted, ascending."""
        with self._database.read() as connection:
            return list(connection.execute(_VOTERS_OF, {"poll_id": poll_id}).scalars())

    def ballots(self, poll_id: int, token: bytes) -> list[str]:
        """The texts of all ballots of a round so far."""
        with self._database.read() as connection:
            rows = connection.execute(_BALLOTS_OF, {"poll_id": poll_id}).all()
        return _open_all(self._sealer.seal(token), rows)


def _state(connection: Connection, row: Any) -> RoundState:
    voters = connection.execute(_COUNT_VOTERS, {"poll_id": row.poll_id}).scalar_one()
    return RoundState(row.token, row.stopped, voters)


def _insert_round(connection: Connection, new: NewRound, sealer: Sealer, *, postgres: bool) -> None:
    """Two starts at the same time make one round."""
    token = secrets.token_bytes(_TOKEN_BYTES)
    values = {
        "poll_id": new.poll_id,
        "token": token,
        "seal_check": sealer.seal(token).check,
        "named": new.named,
        "live": new.live,
        "size": new.size,
        "stopped": False,
    }
    dialect_insert = postgresql.insert if postgres else sqlite.insert
    connection.execute(dialect_insert(ROUNDS).values(values).on_conflict_do_nothing())


def _forget(connection: Connection, poll_ids: Collection[int]) -> None:
    for table in (BALLOTS, VOTERS, ROUNDS):
        connection.execute(delete(table).where(table.c.poll_id.in_(poll_ids)))


def _all_polls(connection: Connection) -> Sequence[int]:
    return connection.execute(select(ROUNDS.c.poll_id)).scalars().all()


def _open_all(seal: Seal, rows: Iterable[Any]) -> list[str]:
    try:
        return [seal.open(row.id, row.sealed) for row in rows]
    except CannotOpen:
        raise Internal(_UNREADABLE) from None
