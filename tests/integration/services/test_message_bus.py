"""The stream of ended sessions on a real Redis."""

import secrets
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from openslides_backend.services.ended_sessions import MessageBusError
from openslides_backend.services.logouts import KEEP_SECONDS, MessageBus

pytestmark = pytest.mark.redis


@pytest.fixture
def stream(redis_address: tuple[str, int]) -> Iterator[str]:
    name = f"test-logout-{secrets.token_hex(8)}"
    yield name
    redis = Redis(*redis_address)
    redis.delete(name)
    redis.close()


@pytest.fixture
def bus(redis_address: tuple[str, int], stream: str) -> Iterator[MessageBus]:
    bus = MessageBus(*redis_address, stream)
    yield bus
    bus.close()


def add(redis_address: tuple[str, int], stream: str, session_id: str, seconds_ago: float) -> None:
    """An entry as another auth service makes it."""
    redis = Redis(*redis_address)
    redis.xadd(stream, {"sessionId": session_id}, id=f"{int((time.time() - seconds_ago) * 1000)}-0")
    redis.close()


def test_an_end_takes_effect_at_once(bus: MessageBus, redis_address: tuple[str, int], stream: str) -> None:
    assert not bus.ended("a")
    other = MessageBus(*redis_address, stream)
    for session_id in ("a", "b"):
        other.publish([session_id])
        assert bus.ended(session_id)
    other.close()
    assert not bus.ended("c")


def test_what_ended_before_the_start_counts(bus: MessageBus, redis_address: tuple[str, int], stream: str) -> None:
    add(redis_address, stream, "long ago", KEEP_SECONDS + 5)
    add(redis_address, stream, "before", KEEP_SECONDS - 5)
    assert bus.ended("before")
    assert not bus.ended("long ago")


def test_old_ends_are_forgotten(bus: MessageBus, redis_address: tuple[str, int], stream: str) -> None:
    add(redis_address, stream, "old", KEEP_SECONDS - 5)
    assert bus.ended("old")
    add(redis_address, stream, "new", -10)
    assert bus.ended("new")
    assert not bus.ended("old")


def test_many_at_once(bus: MessageBus) -> None:
    bus.publish([f"s{number}" for number in range(2500)])
    assert bus.ended("s0")
    assert bus.ended("s2499")


def test_foreign_entries_are_skipped(bus: MessageBus, redis_address: tuple[str, int], stream: str) -> None:
    redis = Redis(*redis_address)
    redis.xadd(stream, {"something": "else"})
    redis.close()
    bus.publish(["a"])
    assert bus.ended("a")


def test_no_server_is_an_error_and_is_not_asked_again_at_once() -> None:
    bus = MessageBus("127.0.0.1", 1)
    with pytest.raises(MessageBusError, match="refused"):
        bus.ended("a")
    with pytest.raises(MessageBusError, match="a moment ago"):
        bus.ended("a")
    with pytest.raises(MessageBusError):
        bus.publish(["a"])
