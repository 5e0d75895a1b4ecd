"""How long services are waited for that can't be reached."""

import time

import pytest

from openslides_backend.services import outages
from openslides_backend.services.outages import Outages

FAR = 10**9


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def waited(known: Outages, clock: list[float], deadline: float = FAR) -> float:
    """How long a request waits until there are no more tries."""
    begin, tries = clock[0], 0
    while (pause := known.pause("thing", tries, deadline)) is not None:
        clock[0] += pause
        tries += 1
    return clock[0] - begin


def test_the_patience_is_for_all_requests_together(clock: list[float]) -> None:
    known = Outages(5.0)
    assert 4 < waited(known, clock) <= 5
    assert waited(known, clock) == pytest.approx(0, abs=0.3)


def test_pauses_grow(clock: list[float]) -> None:
    known = Outages(5.0)
    first, later = known.pause("thing", 0, FAR), known.pause("thing", 1000, FAR)
    assert first is not None
    assert later is not None
    assert first <= outages._FIRST_PAUSE < later <= outages._LONGEST_PAUSE


def test_a_request_waits_no_longer_than_for_its_answer(clock: list[float]) -> None:
    assert waited(Outages(5.0), clock, deadline=clock[0] + 1) <= 1


def test_a_new_outage_is_waited_for_again(clock: list[float]) -> None:
    known = Outages(5.0)
    waited(known, clock)
    known.end("thing")
    assert waited(known, clock) > 4
    clock[0] += 6
    assert waited(known, clock) > 4


def test_services_are_apart(clock: list[float]) -> None:
    known = Outages(5.0)
    waited(known, clock)
    assert known.pause("other", 0, FAR) is not None
