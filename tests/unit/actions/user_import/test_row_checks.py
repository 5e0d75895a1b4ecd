"""Checks of single rows (account_import.md)."""

import pytest

from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.user_import.checks import as_objects, check_weight
from openslides_backend.actions.user_import.columns import ACCOUNT_COLUMNS, PARTICIPANT_COLUMNS
from openslides_backend.actions.user_import.execution import account_values, left


@pytest.mark.parametrize(
    ("weight", "state"), [("0.000001", "new"), ("0.000000", "error"), ("-1.000000", "error"), (None, "new")]
)
def test_weights(weight: str | None, state: str) -> None:
    row = Row({"vote_weight": value_object(weight, "done")})
    check_weight(row, "vote_weight")
    assert row.state == state
    assert len(row.messages) == (state == "error")


def test_a_weight_that_is_left_out_does_not_matter() -> None:
    row = Row({"vote_weight": value_object("0.000000", "remove")})
    check_weight(row, "vote_weight")
    assert row.state == "new"


def test_plain_values_become_objects() -> None:
    row = Row({"title": "x", "username": value_object("y", "error"), "groups": ["a"], "id": 7})
    as_objects([row], PARTICIPANT_COLUMNS)
    assert row.data == {
        "title": value_object("x", "done"),
        "username": value_object("y", "error"),
        "groups": ["a"],
        "id": 7,
    }


def test_columns_that_are_left_out() -> None:
    row = Row({"title": value_object("x", "remove"), "email": value_object("y", "done")})
    assert [left(row, name) for name in ("title", "email", "pronoun")] == [False, True, False]


def test_values() -> None:
    row = Row(
        {
            "id": 7,
            "username": value_object("a b", "done", 7),
            "title": value_object("x", "remove"),
            "gender": value_object("?", "warning"),
            "home_committee": value_object("c", "warning", 3),
            "saml_id": value_object("s", "new"),
        },
        "done",
    )
    stored = {"default_password": "x", "can_change_own_password": True}
    assert account_values(row, stored) == {
        "id": 7,
        "home_committee_id": 3,
        "saml_id": "s",
        "default_password": "",
        "can_change_own_password": False,
    }
    assert "default_password" not in account_values(row, {})


def test_both_imports_have_the_columns_of_accounts() -> None:
    names = [column.name for column in ACCOUNT_COLUMNS[:-1]]
    assert names == [column.name for column in PARTICIPANT_COLUMNS[: len(names)]]
    assert all(column.is_object for column in PARTICIPANT_COLUMNS)
