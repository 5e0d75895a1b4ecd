"""Which committees would be below themselves (committee_import.md, "Cycles")."""

from collections.abc import Hashable, Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.actions.committee.import_rules import on_cycles

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


def ancestors(node: Hashable, parents: Mapping[Hashable, Hashable]) -> Iterator[Hashable]:
    """As many steps upwards as there are committees."""
    for _ in parents:
        if node not in parents:
            return
        node = parents[node]
        yield node
