"""What is not to be found from the seats of those who might look (vote_service.md, "Secrecy"; docs/voting.md)."""

import json
import logging
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import inspect
from werkzeug.test import TestResponse

from openslides_backend.embedded.vote.box import BallotBox, Cast, NewRound
from openslides_backend.embedded.vote.database import Database
from openslides_backend.embedded.vote.errors import Internal
from openslides_backend.embedded.vote.sealing import Sealer
from tests.integration.embedded.vote.polls import POLL, VoteRoutes, change, poll_event, voter_events
from tests.integration.stack import Stack

VOTERS = list(range(100, 160))
LETTERS = ("Y", "N", "A")
TABLES = {"vote_round", "vote_voter", "vote_ballot"}


def letter(user_id: int) -> str:
    """How this user votes: runs in the order of the ids, so that any order shows."""
    return LETTERS[(user_id - VOTERS[0]) * 3 // len(VOTERS)]


def text(user_id: int) -> str:
    """The ballot of this user; lengths differ as well."""
    return json.dumps(
        {"value": {"11": letter(user_id)} | ({"12": "N"} if user_id % 3 == 0 else {}), "weight": "1.000000"}
    )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/vote.sqlite"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def fill(database: Database, key: str = "key") -> BallotBox:
    """A secret poll in which all have voted, in the order of their ids, one transaction each."""
    box = BallotBox(database, Sealer(key))
    box.open(NewRound(POLL, named=False, live=False, size=64), instead_of=None)
    token = box.tokens([POLL])[POLL]
    for user_id in VOTERS:
        secret = Cast(POLL, user_id, "named", text(user_id), token=token, read_at=float("inf"))
        assert box.cast([secret]) == [None]
    return box


def rows(url: str, query: str) -> list[Any]:
    """What the database answers to somebody who may ask it anything."""
    if url.startswith("sqlite"):
        connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"))
    else:
        connection = psycopg.connect(url)
    try:
        return list(connection.execute(query).fetchall())
    finally:
        connection.close()


def correlation(first: list[Any], second: list[Any]) -> float:
    """Of the ranks: near 1 or -1 if two orders are the same."""
    count = len(first)
    order = {item: rank for rank, item in enumerate(second)}
    mean = (count - 1) / 2
    covariance = sum((rank - mean) * (order[item] - mean) for rank, item in enumerate(first))
    return covariance / sum((rank - mean) ** 2 for rank in range(count))


def test_the_database_tells_nothing_of_what_a_ballot_says(url: str, database: Database) -> None:
    fill(database)
    sealed = [bytes(row[0]) for row in rows(url, "SELECT sealed FROM vote_ballot")]
    assert len(set(sealed)) == len(VOTERS)
    assert len({len(ballot) for ballot in sealed}) == 1
    assert not any(b"value" in ballot or b"weight" in ballot for ballot in sealed)


@pytest.mark.parametrize("count", [2, 40])
@pytest.mark.parametrize("method", ["Y", "YNA"])
def test_all_ballots_of_a_poll_have_the_same_length(stack: Stack, routes: VoteRoutes, method: str, count: int) -> None:
    """From the shortest one to that with the largest ids, amounts and weight."""
    options, last, most = list(range(2**31 - count, 2**31)), 2**31 - 1, 10**9
    limits = {"max_votes_per_option": most, "max_votes_amount": most * count} if method == "Y" else {}
    poll = {"type": "pseudoanonymous", "pollmethod": method, "option_ids": options, "global_yes": True, **limits}
    stack.write(change(f"poll/{POLL}", **poll), change("meeting/1", users_enable_vote_weight=True))
    stack.write(*voter_events(last, vote_weight=f"{10**20 - 1}.999999"))
    routes.internal("start")
    longest = {str(option): most if method == "Y" else "A" for option in options}
    shortest = {str(options[0]): 1 if method == "Y" else "Y"}
    for user_id, value in ((1, "Y"), (2, shortest), (3, longest), (last, longest)):
        ballot, headers = {"value": value}, stack.credentials(user_id)
        assert routes.client.post(f"/system/vote?id={POLL}", json=ballot, headers=headers).status_code == 200
    lengths = rows(f"sqlite:///{stack.environment.data_folder}/vote.sqlite", "SELECT length(sealed) FROM vote_ballot")
    assert len(lengths) == 4
    assert len(set(lengths)) == 1


def test_the_files_of_sqlite_tell_nothing_of_what_a_ballot_says(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/vote.sqlite")
    fill(database)
    contents = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"weight" not in contents.replace(b"vote_weight", b"")
    assert b'"value"' not in contents
    database.close()


def test_there_is_no_other_column(url: str, database: Database) -> None:
    fill(database)
    columns = {
        "vote_ballot": {"poll_id", "id", "sealed"},
        "vote_voter": {"poll_id", "user_id"},
        "vote_round": {"poll_id", "token", "seal_check", "named", "live", "size", "stopped"},
    }
    with database.read() as connection:
        inspector = inspect(connection)
        assert set(inspector.get_table_names()) == TABLES
        for table, expected in columns.items():
            assert {column["name"] for column in inspector.get_columns(table)} == expected
    if url.startswith("sqlite"):
        for table in ("vote_ballot", "vote_voter"):
            with pytest.raises(sqlite3.OperationalError, match="no such column"):
                rows(url, f"SELECT rowid FROM {table}")  # noqa: S608 - a name of our own


def test_with_the_key_the_columns_tell_no_order(url: str, database: Database) -> None:
    """Ids of ballots are random: sorted by them, ballots are in no order of voting or of voters."""
    box = fill(database)
    opened = box.stop(POLL).ballots
    in_order = sorted(opened, key=lambda ballot: LETTERS.index(json.loads(ballot)["value"]["11"]))
    assert list(opened) != in_order
    ids = [bytes(row[0]) for row in rows(url, "SELECT id FROM vote_ballot")]
    assert len({id_[0] for id_ in ids}) > len(ids) // 4


@pytest.mark.postgres
def test_without_the_key_system_columns_lead_to_sealed_ballots_only(postgres_url: str) -> None:
    """`xmin` ties voter and ballot, as one transaction wrote them; what the ballot says stays sealed."""
    database = Database(postgres_url)
    fill(database)
    query = (
        "SELECT user_id, sealed FROM vote_voter JOIN vote_ballot ON vote_voter.xmin = vote_ballot.xmin ORDER BY user_id"
    )
    linked = rows(postgres_url, query)
    assert [user_id for user_id, _ in linked] == VOTERS
    lengths = {len(sealed) for _, sealed in linked}
    assert len(lengths) == 1
    guessed = BallotBox(database, Sealer("another key"))
    with pytest.raises(Internal):
        guessed.stop(POLL)
    database.close()


@pytest.mark.postgres
def test_after_clear_postgres_has_nothing_to_link(postgres_url: str) -> None:
    database = Database(postgres_url)
    box = fill(database)
    other = NewRound(POLL + 1, named=False, live=False, size=64)
    box.open(other, instead_of=None)
    token = box.tokens([other.poll_id])[other.poll_id]
    box.cast([Cast(other.poll_id, 1, "", text(100), token=token, read_at=float("inf"))])
    box.clear([POLL])
    assert rows(postgres_url, "SELECT user_id FROM vote_voter") == [(1,)]
    for table in TABLES:
        ((pages,),) = rows(postgres_url, f"SELECT pg_relation_size('{table}') / 8192")
        assert pages == 1
        ((item,),) = rows(postgres_url, f"SELECT max((ctid::text::point)[1]) FROM {table}")  # noqa: S608 - as above
        assert item == 1, "the table was written anew, the rows of the other poll are the first ones"
    database.close()


@pytest.mark.postgres
def test_what_can_not_be_erased_at_once_is_erased_later(postgres_url: str) -> None:
    """An older transaction might see what was deleted, so it stays in the table until that has ended."""
    size = "SELECT pg_relation_size('vote_ballot')"
    database = Database(postgres_url)
    box = fill(database)
    with psycopg.connect(postgres_url) as older:
        older.execute("SELECT pg_current_xact_id()")
        box.clear([POLL])
        assert box.voters(POLL) == []
        assert rows(postgres_url, size) != [(0,)]
        assert not box.erase()
    deadline = time.monotonic() + 30
    while not box.erase():
        assert time.monotonic() < deadline
    assert rows(postgres_url, size) == [(0,)]
    database.close()


def test_after_clear_the_files_of_sqlite_have_nothing_to_open(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/vote.sqlite"
    database = Database(url)
    box = fill(database)
    sealed = [bytes(row[0]) for row in rows(url, "SELECT sealed FROM vote_ballot")]
    ids = [bytes(row[0]) for row in rows(url, "SELECT id FROM vote_ballot")]
    box.clear([POLL])
    contents = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(part[:16] in contents for part in (*sealed, *ids))
    assert (tmp_path / "vote.sqlite-wal").stat().st_size == 0
    database.close()


def test_the_answer_to_stop_has_no_order(url: str, database: Database) -> None:
    """The same at each call, and another one for the same ballots in another round."""
    box = fill(database)
    first = box.stop(POLL)
    assert box.stop(POLL) == first
    assert list(first.user_ids) == VOTERS
    box.clear([POLL])
    second = fill(database).stop(POLL)
    assert first.ballots != second.ballots
    assert sorted(first.ballots) == sorted(second.ballots)


def test_named_ballots_come_in_an_order_of_their_own(url: str, database: Database) -> None:
    """With names the order can be measured: it is neither that of voting nor that of the ids."""
    box = BallotBox(database, Sealer("key"))
    box.open(NewRound(POLL, named=True, live=False, size=64), instead_of=None)
    token = box.tokens([POLL])[POLL]
    order = random.sample(VOTERS, len(VOTERS))
    for user_id in order:
        box.cast([Cast(POLL, user_id, str(user_id), "", token=token, read_at=float("inf"))])
    answered = [int(ballot) for ballot in box.stop(POLL).ballots]
    assert abs(correlation(answered, order)) < 0.6
    assert abs(correlation(answered, VOTERS)) < 0.6


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
def test_logs(stack: Stack, routes: VoteRoutes, caplog: pytest.LogCaptureFixture, level: int) -> None:
    """Users, polls and values that can't come about by chance are in no line, neither of success nor of failure."""
    user_id, poll_id, marker = 918273, 645372, "Zq81"
    stack.write(*voter_events(user_id), poll_event(poll_id, type="pseudoanonymous"))
    routes.internal("start", poll_id)
    with caplog.at_level(level):
        routes.cast(user_id, {"11": marker}, poll_id=poll_id)
        routes.cast(user_id, marker, poll_id=poll_id, other=marker)
        assert routes.cast(user_id, poll_id=poll_id).status_code == 200
        routes.cast(user_id, poll_id=poll_id)
        stack.write(change(f"poll/{poll_id}", option_ids=marker))
        assert routes.cast(user_id, {marker: 1}, poll_id=poll_id).status_code == 500
    own = [record for record in caplog.records if "embedded.vote" in record.name or "request_log" in record.name]
    lines = [record.getMessage() + str(record.exc_text) for record in own]
    assert own
    assert not any(str(part) in line for line in lines for part in (user_id, poll_id, marker))


def without_id(response: TestResponse) -> tuple[bytes, list[tuple[str, str]]]:
    """Body and headers of an answer, but for the random id of the request."""
    return response.get_data(), [(name, value) for name, value in response.headers if name != "X-Request-ID"]


def test_answers_tell_a_voter_only_of_himself(stack: Stack, routes: VoteRoutes) -> None:
    stack.write(change(f"poll/{POLL}", type="pseudoanonymous"))
    routes.internal("start")
    routes.cast(1)
    assert routes.voted(2).json == {str(POLL): None}
    assert without_id(routes.cast(2)) == without_id(routes.cast(3))
