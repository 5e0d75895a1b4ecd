"""The store of sessions, on SQLite and PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from openslides_backend.embedded.auth.sessions import SessionStore
from tests.rows_read import rows_read


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/auth.sqlite"
    postgres_url: str = request.getfixturevalue("postgres_url")
    return postgres_url


@pytest.fixture
def store(url: str) -> Iterator[SessionStore]:
    store = SessionStore(url)
    yield store
    store.close()


def test_sessions_belong_to_users(store: SessionStore) -> None:
    first, second, other = store.create(1), store.create(1), store.create(2)
    assert len({first, second, other}) == 3
    assert store.of_user(1) == sorted([first, second])
    assert store.is_active(1, first)
    assert not store.is_active(2, first)
    assert not store.is_active(1, "unknown")


def test_ended_sessions_are_gone(store: SessionStore) -> None:
    first, second, third = (store.create(1) for _ in range(3))
    store.end([first, third, "unknown"])
    assert store.of_user(1) == [second]
    assert not store.is_active(1, first)


def test_another_process_sees_the_same(store: SessionStore, url: str) -> None:
    session_id = store.create(1)
    other = SessionStore(url)
    assert other.is_active(1, session_id)
    other.end([session_id])
    other.close()
    assert not store.is_active(1, session_id)


def test_sessions_end_after_a_day(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = store.create(1)
    later = time.time() + 24 * 60 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert not store.is_active(1, session_id)
    assert store.of_user(1) == []


def test_a_token_is_used_once(store: SessionStore) -> None:
    expires = time.time() + 60
    assert store.use_token("a", expires)
    assert not store.use_token("a", expires)
    assert store.use_token("b", expires)


def test_of_many_at_once_one_uses_the_token(store: SessionStore) -> None:
    barrier = threading.Barrier(6)
    results: list[bool] = []

    def use() -> None:
        barrier.wait()
        results.append(store.use_token("a", time.time() + 60))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]


def test_what_is_to_be_told(store: SessionStore) -> None:
    first, second, third = (store.create(1) for _ in range(3))
    store.end([first])
    assert store.unannounced() == []
    store.end([second, third, "unknown"], announce=True)
    store.end([second], announce=True)
    assert store.unannounced() == sorted([second, third])
    assert not store.is_active(1, second)
    store.announced([second])
    assert store.unannounced() == [third]


@pytest.mark.postgres
def test_a_session_is_looked_up_among_many_as_among_few(postgres_url: str) -> None:
    """PostgreSQL keeps plans that were made when there was one session."""
    store = SessionStore(postgres_url)
    first = store.create(1)
    for _ in range(20):
        assert store.is_active(1, first)
    for user_id in range(2, 300):
        assert store.is_active(user_id, store.create(user_id))
    store.close()
    assert rows_read(postgres_url)["auth_session"].in_turn == 0
