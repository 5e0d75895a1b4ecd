"""Lookups, the checks of the second step and what is counted (imports.md)."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from openslides_backend.actions.imports.checks import check_cross_key, check_main_key, check_references
from openslides_backend.actions.imports.lookup import Lookup, Outcome, read_lookups
from openslides_backend.actions.imports.rows import Row, RowState, preview_state, statistics, value_object
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import Datastore, FilterModels, Found, GetMany, Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields, Models

USERS: Models = {
    1: {"username": "one", "first_name": "A", "last_name": "B"},
    2: {"username": "Two", "first_name": "A", "last_name": "C"},
    3: {"username": "same", "first_name": "D"},
    4: {"username": "same"},
}


class Users:
    """Answers queries about `USERS`."""

    def __init__(self) -> None:
        self.calls = 0

    def read(self, queries: Sequence[Query]) -> list[Any]:
        """The answers, and one more call."""
        self.calls += 1
        return [self._answer(query) for query in queries]

    def begin_read(self, queries: Sequence[Query]) -> Pending[list[Any]]:
        """The same, later."""
        return Pending.known(self.read(queries))

    @staticmethod
    def _answer(query: Query) -> Models | Found:
        if isinstance(query, GetMany):
            return {id_: dict(USERS[id_]) for id_ in query.ids if id_ in USERS}
        assert isinstance(query, FilterModels)
        return Found({id_: dict(user) for id_, user in USERS.items() if query.filter.matches(user)}, 1)


def lookup(*values: Any, fields: Any = "username", refers: bool = False) -> Lookup:
    """A lookup that has been read."""
    found = Lookup("user", fields, values, refers=refers)
    read_lookups(unit_of_work(Users()), found)
    return found


def unit_of_work(users: Users) -> UnitOfWork:
    """One on these users."""
    return UnitOfWork(cast(Datastore, users))


def row(name: str, state: RowState = "new", named: int | None = None, **data: Any) -> Row:
    """A row with a username; `named` is the id in its value object."""
    return Row({"username": value_object(name, "done", named), **data}, state)


def test_outcomes() -> None:
    """Exact and case sensitive; repeated values are ambiguous, stored or not."""
    found = lookup("one", "two", "same", "Two", "Two", "x", "x")
    assert [found.outcome(name) for name in ("one", "two", "same", "Two", "x")] == [
        Outcome.FOUND,
        Outcome.NOT_FOUND,
        *[Outcome.AMBIGUOUS] * 3,
    ]
    assert (found.id("one"), found.id("same"), found.ids("same"), found.id("x")) == (1, None, [3, 4], None)


def test_references_may_be_repeated() -> None:
    """Any number of rows may refer to the same."""
    found = lookup("one", "one", "x", "x", "same", refers=True)
    outcomes = [found.outcome(name) for name in ("one", "x", "same")]
    assert outcomes == [Outcome.FOUND, Outcome.NOT_FOUND, Outcome.AMBIGUOUS]


def test_what_only_other_columns_name_is_found() -> None:
    """And makes nothing ambiguous."""
    found = Lookup("user", "username", ["one"], also=["one", "Two", "Two", "x"])
    read_lookups(unit_of_work(Users()), found)
    outcomes = [found.outcome(name) for name in ("one", "Two", "x")]
    assert outcomes == [Outcome.FOUND, Outcome.FOUND, Outcome.NOT_FOUND]


def test_several_fields() -> None:
    """All of them must be equal; an unset one equals no empty text."""
    found = lookup(("A", "B"), ("D", ""), ("D", "C"), fields=("first_name", "last_name"))
    assert (found.id(("A", "B")), found.id(("D", "")), found.id(("D", "C"))) == (1, None, None)


def test_lookups_share_a_round_trip() -> None:
    """However many there are; those that look for nothing ask nothing."""
    users = Users()
    first, second = Lookup("user", "username", ["one"]), Lookup("user", "first_name", ["D"])
    read_lookups(unit_of_work(users), first, second, Lookup("user", "last_name", []))
    assert (first.id("one"), second.id("D"), users.calls) == (1, 3, 1)


@pytest.mark.parametrize(
    ("subject", "fine", "model"),
    [
        (row("one", "new"), False, 1),
        (row("one", "done", 1, id=1), True, 1),
        (row("one", "done", 2, id=2), False, 1),
        (row("same", "done", 3, id=3), False, None),
        (row("gone", "done", 9, id=9), False, 9),
        (row("other", "done", None, id=2), True, 2),
        (row("other"), True, None),
    ],
)
def test_main_key(subject: Row, fine: bool, model: int | None) -> None:
    """The table of the main key check."""
    state = subject.state
    assert check_main_key(subject, "username", lookup(subject.value("username"))) == model
    assert_checked(subject, fine, state)


def assert_checked(subject: Row, fine: bool, state: RowState) -> None:
    """An error has one message, and is shown at the value."""
    info = subject.data["username"]["info"]
    assert (subject.state, len(subject.messages), info) == ((state, 0, "done") if fine else ("error", 1, "error"))


@pytest.mark.parametrize("subject", [row(""), Row({}), row("one", "done", 1)])
def test_main_key_that_cannot_be_checked(subject: Row) -> None:
    """Without a value, or without the id of what is updated."""
    with pytest.raises(BadRequest):
        check_main_key(subject, "username", lookup(subject.value("username") or "one"))


@pytest.mark.parametrize(
    ("subject", "main_id", "fine"),
    [
        (row(""), None, True),
        (row("one"), None, False),
        (row("one"), 2, False),
        (row("one", "done", 1), 1, True),
        (row("same", "done", 3), 3, False),
        (row("gone", "done", 9), 9, False),
        (row("other"), None, True),
    ],
)
def test_cross_key(subject: Row, main_id: int | None, fine: bool) -> None:
    """The table of the cross key check."""
    state = subject.state
    check_cross_key(subject, "username", lookup(subject.value("username")), main_id)
    assert_checked(subject, fine, state)


def test_references() -> None:
    """What has another name or is gone is warned of, once a value; one read, whatever the rows."""
    users = Users()
    managers = [value_object("one", "done", 1), value_object("two", "done", 2), value_object("new", "new")]
    rows = [Row({"managers": managers, "deputy": value_object("nine", "done", 9)}, "done"), Row({})]
    check_references(unit_of_work(users), rows, {"managers": ("user", "username"), "deputy": ("user", "username")})
    assert [entry["info"] for entry in managers] == ["done", "warning", "new"]
    assert rows[0].data["deputy"]["info"] == "warning"
    assert (rows[0].state, len(rows[0].messages), rows[1].messages, users.calls) == ("done", 2, [], 1)


def test_counting() -> None:
    """Warnings in lists count, once a row, errors too; an error of a value alone is none of the preview."""
    warning: Fields = {"tags": [value_object("a", "warning"), value_object("b", "warning")], "title": "plain"}
    rows = [Row(warning, "done"), Row({"name": value_object("x", "error")}), Row(warning, "error")]
    assert list(statistics(rows)) == [("total", 3), ("created", 1), ("updated", 1), ("error", 1), ("warning", 2)]
    assert [preview_state(rows), preview_state(rows[:2]), preview_state(rows[1:2])] == ["error", "warning", "done"]


def test_values_for_actions() -> None:
    """Objects become values, in lists ids where there are some; missing columns stay missing."""
    data = {"a": value_object(1, "done", 5), "b": [value_object("x", "done", 7), value_object("y", "new")], "c": [1]}
    assert Row(data).handed(["a", "b", "c", "d"]) == {"a": 1, "b": [7, "y"], "c": [1]}


@pytest.mark.parametrize("stored", [None, "x", {}, {"state": "new", "data": []}])
def test_no_row(stored: Any) -> None:
    """What stands in a preview but is no row."""
    with pytest.raises(BadRequest):
        Row.from_json(stored)


def test_forms_of_accents_are_the_same() -> None:
    """Whoever compares two texts with his eyes takes them for the same."""
    composed, decomposed = "Ren\u00e9", "Rene\u0301"
    assert lookup(composed, decomposed).outcome(composed) is Outcome.AMBIGUOUS
    found = lookup((composed, "B"), fields=("first_name", "last_name"))
    assert found.outcome((decomposed, "B")) is Outcome.NOT_FOUND
    assert found.filter is not None
    assert found.filter.matches({"first_name": decomposed, "last_name": "B"})
    assert found.filter.matches({"first_name": composed, "last_name": "B"})


def test_only_some_rows_count() -> None:
    """Rows that mean it by another column don't make a value ambiguous."""
    found = lookup("one", "one", "Two")
    assert found.outcome("one") is Outcome.AMBIGUOUS
    assert found.among(["one"]).outcome("one") is Outcome.FOUND
    assert found.all_ids() == [1, 2]


def test_rows_that_have_got_a_value_count() -> None:
    """A row whose account is known takes part in the lookup by a value that isn't its own."""
    found = lookup("x")
    found.mention("new", 7)
    assert (found.outcome("new"), found.id("new")) == (Outcome.FOUND, 7)
    found.mention("new", 7)
    assert found.outcome("new") is Outcome.AMBIGUOUS
