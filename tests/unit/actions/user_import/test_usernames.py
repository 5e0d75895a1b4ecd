"""Generated usernames (account_import.md)."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.actions.user_import.usernames import generated_usernames
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import Datastore, FilterModels, Found
from openslides_backend.shared.pending import Pending


class Stored:
    """A datastore of accounts with these usernames."""

    def __init__(self, names: Sequence[str]) -> None:
        self._users = {id_: {"username": name} for id_, name in enumerate(names, start=1)}
        self.calls = 0

    def begin_read(self, queries: Sequence[Any]) -> Pending[list[Found]]:
        """The answers, and one more call."""
        self.calls += 1
        return Pending.known([self._answer(query) for query in queries])

    def _answer(self, query: FilterModels) -> Found:
        return Found({id_: dict(user) for id_, user in self._users.items() if query.filter.matches(user)}, 1)


def generated(rows: Sequence[dict[str, Any]], stored: Sequence[str] = (), given_: Sequence[str] = ()) -> list[str]:
    """The usernames for rows."""
    return generated_usernames(UnitOfWork(cast(Datastore, Stored(stored))), rows, given_)


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"first_name": "Anna", "last_name": "Bach"}, "AnnaBach"),
        ({"first_name": "Anna Maria", "last_name": "von_Bach-Süß"}, "AnnaMariavon_BachSüß"),
        ({"first_name": None, "last_name": "Bach"}, "Bach"),
        ({"saml_id": "a b", "first_name": "Anna"}, "a b"),
        ({"email": "a@example.com"}, ""),
        ({"first_name": "?"}, ""),
    ],
)
def test_candidates(row: dict[str, Any], name: str) -> None:
    assert generated([row]) == [name]


def test_numbers() -> None:
    """What is stored first, then what the upload itself uses: behind the name that was found then."""
    anna, bert = {"first_name": "Anna"}, {"first_name": "Bert"}
    assert generated([anna, anna, bert, bert], ["Anna", "Anna1", "Anna21"], ["Bert"]) == [
        "Anna2",
        "Anna22",
        "Bert1",
        "Bert2",
    ]


def test_nobody_twice() -> None:
    assert generated([{}, {}]) == ["", ""]


def test_few_reads() -> None:
    """However crowded a name is."""
    store = Stored([f"Anna{number or ''}" for number in range(500)])
    names = generated_usernames(UnitOfWork(cast(Datastore, store)), [{"first_name": "Anna"}] * 300, [])
    assert names[0] == "Anna500"
    assert len(set(names)) == 300
    assert store.calls <= 6


NAMES = st.sampled_from(["", "A", "A1", "A11", "A2", "B", "A 1"])


@given(st.lists(NAMES, max_size=8), st.sets(NAMES.filter(bool), max_size=5), st.sets(NAMES.filter(bool), max_size=3))
def test_always_free(names: list[str], stored: set[str], used: set[str]) -> None:
    """Whoever has a name gets a username, and no username is there twice."""
    found = generated([{"first_name": name} for name in names], sorted(stored), sorted(used))
    assert [bool(name) for name in found] == [bool(name) for name in names]
    there = [name for name in found if name]
    assert len(set(there)) == len(there)
    assert not set(there) & (stored | used)
