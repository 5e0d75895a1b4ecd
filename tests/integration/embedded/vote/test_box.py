"""The ballot box on either database: one ballot each, whatever comes at the same time, and nothing by half."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from openslides_backend.embedded.vote.box import BallotBox, Cast, NewRound, Outdated
from openslides_backend.embedded.vote.database import BALLOTS, ROUNDS, VOTERS, Database
from openslides_backend.embedded.vote.errors import DoubleVote, Internal, NotExist, Stopped
from openslides_backend.embedded.vote.sealing import Sealer
from tests.rows_read import rows_read

POLL = 7
NEW = NewRound(POLL, named=False, live=False, size=64)
FRESH = float("inf")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/vote.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def databases(url: str) -> Iterator[list[Database]]:
    """As many replicas as the database allows: one with SQLite."""
    databases = [Database(url) for _ in range(1 if url.startswith("sqlite") else 3)]
    yield databases
    for database in databases:
        database.close()


@pytest.fixture
def boxes(databases: list[Database]) -> list[BallotBox]:
    return [BallotBox(database, Sealer("key")) for database in databases]


def ballot(box: BallotBox, user_id: int, **more: float) -> Cast:
    token = box.tokens([POLL]).get(POLL)
    return Cast(POLL, user_id, "named", f'"{user_id}"', token=token, read_at=more.get("read_at", FRESH))


def cast(box: BallotBox, user_id: int) -> type[Exception] | None:
    (outcome,) = box.cast([ballot(box, user_id)])
    return None if outcome is None else type(outcome)


def test_one_group_may_hold_two_ballots_of_the_same_user(boxes: list[BallotBox]) -> None:
    box = boxes[0]
    box.open(NEW, instead_of=None)
    outcomes = box.cast([ballot(box, 1), ballot(box, 2), ballot(box, 1)])
    assert [type(outcome) for outcome in outcomes] == [type(None), type(None), DoubleVote]
    assert box.stop(POLL).user_ids == (1, 2)


def test_replicas_take_one_ballot_each_between_start_and_stop(boxes: list[BallotBox]) -> None:
    """Each user votes through every replica at once while somebody stops the poll: what was taken is in the result."""
    boxes[0].open(NEW, instead_of=None)
    taken: list[int] = []
    half = threading.Event()

    def vote(number: int) -> None:
        user_id, box = number // 4, boxes[number % len(boxes)]
        outcome = cast(box, user_id)
        assert outcome in (None, DoubleVote, Stopped)
        if outcome is None:
            taken.append(user_id)
        if len(taken) >= 10:
            half.set()

    with ThreadPoolExecutor(8) as executor:
        stopping = executor.submit(lambda: half.wait(30) and boxes[-1].stop(POLL))
        list(executor.map(vote, range(4, 164)))
    result = stopping.result()
    assert result
    assert sorted(taken) == list(result.user_ids)
    assert sorted(result.ballots) == sorted(f'"{user_id}"' for user_id in taken)
    assert boxes[0].stop(POLL) == result


def test_the_database_itself_refuses_a_second_ballot(boxes: list[BallotBox], databases: list[Database]) -> None:
    boxes[0].open(NEW, instead_of=None)
    assert cast(boxes[0], 1) is None
    with pytest.raises(Internal), databases[0].write() as connection:
        connection.execute(insert(VOTERS), {"poll_id": POLL, "user_id": 1})
    with pytest.raises(IntegrityError), databases[0]._engine.begin() as connection:
        connection.execute(insert(VOTERS), {"poll_id": POLL, "user_id": 1})


def test_a_group_that_fails_leaves_nothing(boxes: list[BallotBox], databases: list[Database]) -> None:
    box = boxes[0]
    box.open(NEW, instead_of=None)
    with databases[0].write() as connection:
        BALLOTS.drop(connection)
    with pytest.raises(Internal):
        box.cast([ballot(box, 1)])
    assert box.voters(POLL) == []


def test_old_data_are_read_anew(boxes: list[BallotBox]) -> None:
    box = boxes[0]
    assert cast(box, 1) is NotExist
    box.open(NEW, instead_of=None)
    old = ballot(box, 1)
    box.clear([POLL])
    box.open(NEW, instead_of=None)
    for outdated in (old, ballot(box, 1, read_at=0.0)):
        (outcome,) = box.cast([outdated])
        assert isinstance(outcome, Outdated)


def test_a_late_start_drops_no_ballot(boxes: list[BallotBox]) -> None:
    """Whatever happened to the round since it was looked at keeps it."""
    box = boxes[0]
    box.open(NEW, instead_of=None)
    before = box.state(POLL)
    assert before is not None
    assert cast(box, 1) is None
    box.open(NEW, instead_of=before)
    assert box.voters(POLL) == [1]
    before = box.state(POLL)
    box.stop(POLL)
    box.open(NEW, instead_of=before)
    assert box.voters(POLL) == [1]
    box.open(NEW, instead_of=box.state(POLL))
    assert box.voters(POLL) == []
    box.clear([POLL])
    box.open(NEW, instead_of=before)
    assert box.state(POLL) is not None


def test_another_key_takes_and_opens_nothing(boxes: list[BallotBox], databases: list[Database]) -> None:
    boxes[0].open(NEW, instead_of=None)
    assert cast(boxes[0], 1) is None
    other = BallotBox(databases[0], Sealer("another key"))
    assert cast(other, 2) is Internal
    with pytest.raises(Internal):
        other.stop(POLL)
    assert boxes[0].stop(POLL).user_ids == (1,)


def test_a_result_is_never_smaller(boxes: list[BallotBox], databases: list[Database]) -> None:
    box = boxes[0]
    box.open(NEW, instead_of=None)
    for user_id in (1, 2, 3):
        assert cast(box, user_id) is None
    with databases[0].write() as connection:
        connection.execute(update(BALLOTS).values(sealed=b"damaged"))
    with pytest.raises(Internal):
        box.stop(POLL)
    with databases[0].write() as connection:
        connection.execute(BALLOTS.delete())
    with pytest.raises(Internal):
        box.stop(POLL)
    with databases[0].write() as connection:
        connection.execute(ROUNDS.delete())
    with pytest.raises(NotExist):
        box.stop(POLL)


def test_commits_wait_for_the_disk(databases: list[Database], url: str) -> None:
    """Whatever the server's default is."""
    with databases[0].read() as connection:
        if url.startswith("sqlite"):
            settings = ("PRAGMA synchronous", "PRAGMA secure_delete", "PRAGMA journal_mode")
            found = [connection.exec_driver_sql(setting).scalar() for setting in settings]
            assert found == [2, 1, "wal"]
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
            assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "5s"


@pytest.mark.postgres
def test_a_ballot_costs_the_same_in_a_large_poll(postgres_url: str) -> None:
    """PostgreSQL keeps plans that were made when the tables were empty."""
    database, few, many = Database(postgres_url), 12, 1000
    box = BallotBox(database, Sealer("key"))
    box.open(NEW, instead_of=None)
    for user_id in range(few):
        assert cast(box, user_id + 1) is None
        assert box.voted([POLL], [user_id + 1, many]) == {POLL: [user_id + 1]}
    box.clear([POLL])
    box.open(NEW, instead_of=None)
    assert box.cast([ballot(box, few + user_id + 1) for user_id in range(many)]) == [None] * many
    for user_id in range(few):
        assert cast(box, 2 * many + user_id) is None
        assert box.voted([POLL], [2 * many + user_id, 3 * many]) == {POLL: [2 * many + user_id]}
    database.close()
    of_voters = rows_read(postgres_url)["vote_voter"]
    assert of_voters.in_turn + of_voters.by_index < many // 2
