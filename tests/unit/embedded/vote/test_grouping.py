"""Requests that share a turn."""

import threading
from collections.abc import Sequence

import pytest

from openslides_backend.embedded.vote.grouping import MAX_GROUP, Grouping


def test_who_comes_meanwhile_shares_the_next_turn() -> None:
    groups: list[list[int]] = []
    entered, go_on = threading.Event(), threading.Event()

    def work(items: Sequence[int]) -> list[int | Exception]:
        groups.append(list(items))
        entered.set()
        assert go_on.wait(10)
        return [item * 2 for item in items]

    grouping: Grouping[int, int] = Grouping(work)
    results: dict[int, int] = {}

    def run(item: int) -> None:
        results[item] = grouping.run(item)

    threads = [threading.Thread(target=run, args=(item,)) for item in range(MAX_GROUP + 10)]
    threads[0].start()
    assert entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(grouping._waiting) < len(threads) - 1:
        threading.Event().wait(0.005)
    go_on.set()
    for thread in threads:
        thread.join()
    assert results == {item: item * 2 for item in range(len(threads))}
    assert groups[0] == [0]
    assert max(map(len, groups)) <= MAX_GROUP + 1
    assert len(groups) <= 4


def test_errors_are_those_of_their_item_or_of_the_group() -> None:
    def work(items: Sequence[int]) -> list[int | Exception]:
        if 0 in items:
            raise RuntimeError("all of them")
        return [ValueError(str(item)) if item < 0 else item for item in items]

    grouping: Grouping[int, int] = Grouping(work)
    assert grouping.run(1) == 1
    with pytest.raises(ValueError, match="-1"):
        grouping.run(-1)
    with pytest.raises(RuntimeError, match="all of them"):
        grouping.run(0)
    assert grouping.run(2) == 2
