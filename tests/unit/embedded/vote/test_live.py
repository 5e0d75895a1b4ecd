"""What readers of live votes are told."""

from pathlib import Path

import pytest

from openslides_backend.embedded.vote.box import BallotBox, Cast, NewRound
from openslides_backend.embedded.vote.database import Database
from openslides_backend.embedded.vote.errors import Internal
from openslides_backend.embedded.vote.live import MAX_READERS, LivePoll, LiveVotes, Told, news
from openslides_backend.embedded.vote.sealing import Sealer

OLD, NEW = b"old", b"new"


def test_only_what_is_new_is_told() -> None:
    told: dict[int, Told] = {}
    assert news(told, {}) == {}
    first = {1: LivePoll(OLD, {}), 2: LivePoll(OLD, {5: None, 4: "x"})}
    assert news(told, first) == {1: {}, 2: {4: "x", 5: None}}
    assert news(told, first) == {}
    more = {1: LivePoll(OLD, {9: None}), 2: first[2]}
    assert news(told, more) == {1: {9: None}}


def test_the_end_of_a_round_is_told_before_the_next_one() -> None:
    told: dict[int, Told] = {}
    news(told, {1: LivePoll(OLD, {5: None}), 2: LivePoll(OLD, {})})
    later = {1: LivePoll(NEW, {5: None})}
    assert news(told, later) == {1: None, 2: None}
    assert news(told, later) == {1: {5: None}}
    assert news(told, {}) == {1: None}


@pytest.fixture
def box(tmp_path: Path) -> BallotBox:
    box = BallotBox(Database(f"sqlite:///{tmp_path}/vote.sqlite"), Sealer("key"))
    for poll_id, named, live in ((1, True, True), (2, True, False), (3, False, True)):
        box.open(NewRound(poll_id, named, live, 64), instead_of=None)
    return box


def cast(box: BallotBox, poll_id: int, user_id: int) -> None:
    text = f'{{"vote_user_id":{user_id},"value":"Y"}}'
    token = box.tokens([poll_id])[poll_id]
    assert box.cast([Cast(poll_id, user_id, text, '"Y"', token=token, read_at=float("inf"))]) == [None]


def test_lines(box: BallotBox) -> None:
    cast(box, 1, 7)
    cast(box, 2, 7)
    cast(box, 3, 7)
    live = LiveVotes(box, interval=0.01)
    lines = live.open()
    ballot = '"{\\"vote_user_id\\":7,\\"value\\":\\"Y\\"}"'
    assert next(lines) == f'{{"1":{{"7":{ballot}}},"2":{{"7":null}},"3":{{"7":null}}}}\n'.encode()
    assert next(lines) == b""
    cast(box, 3, 4)
    assert next(lines) == b'{"3":{"4":null}}\n'
    box.clear([3])
    assert next(lines) == b'{"3":null}\n'


def test_readers_are_bounded_and_counted(box: BallotBox) -> None:
    live = LiveVotes(box, interval=0.01)
    readers = [live.open() for _ in range(MAX_READERS)]
    with pytest.raises(Internal):
        live.open()
    for _ in range(2):
        readers[0].close()
    live.open()
    with pytest.raises(Internal):
        live.open()


def test_readers_end_when_the_service_does(box: BallotBox) -> None:
    live = LiveVotes(box, interval=60)
    lines = live.open()
    next(lines)
    live.close()
    assert list(lines) == []
