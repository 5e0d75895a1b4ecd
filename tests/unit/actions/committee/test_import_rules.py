"""Which committees would be below themselves, or below too many (committee_import.md, "Cycles" and "Depth")."""

from collections.abc import Hashable, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.actions.committee.import_rules import causes_of_depth, on_cycles

NODES = st.integers(0, 12)


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ({}, set()),
        ({1: 2, 2: 3}, set()),
        ({1: 1}, {1}),
        ({1: 2, 2: 1, 3: 1, 4: 3}, {1, 2}),
        ({"a": 1, 1: "b", "b": "a", 2: 3, 3: 2, 4: 5}, {"a", "b", 1, 2, 3}),
    ],
)
def test_on_cycles(parents: Mapping[Hashable, Hashable], expected: set[Hashable]) -> None:
    assert on_cycles(parents) == expected


@given(st.dictionaries(NODES, NODES))
def test_on_cycles_is_who_is_among_its_own_ancestors(parents: dict[Hashable, Hashable]) -> None:
    assert on_cycles(parents) == {node for node in parents if node in set(ancestors(node, parents))}


def test_long_chains() -> None:
    chain: dict[Hashable, Hashable] = {number: number + 1 for number in range(50_000)}
    assert on_cycles(chain) == set()
    assert len(on_cycles(chain | {50_000: 25_000})) == 25_001


@given(st.dictionaries(NODES, NODES), st.sets(NODES), st.integers(1, 4))
def test_the_lowest_moved_one_causes_depth(parents: dict[Hashable, Hashable], moved: set[Hashable], limit: int) -> None:
    circling, moved = on_cycles(parents), moved & parents.keys()
    expected = set()
    for node in parents.keys() - circling:
        line = [node]
        for above in ancestors(node, parents):
            line.append(above)
            if above in circling:
                break
        if len(line) > limit + 1:
            expected.add(next((place for place in line if place in moved and place not in circling), None))
    assert causes_of_depth(parents, moved, circling, limit) == expected - {None}


def test_depth_of_long_chains() -> None:
    chain: dict[Hashable, Hashable] = {number: number + 1 for number in range(50_000)}
    assert causes_of_depth(chain, chain, (), 100) == set(range(50_000 - 100))


def ancestors(node: Hashable, parents: Mapping[Hashable, Hashable]) -> Iterator[Hashable]:
    """As many steps upwards as there are committees."""
    for _ in parents:
        if node not in parents:
            return
        node = parents[node]
        yield node
