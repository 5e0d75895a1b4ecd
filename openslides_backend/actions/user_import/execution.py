"""Second check and execution of accounts (account_import.md, "second check and execution")."""

from collections.abc import Sequence

from openslides_backend.actions.imports.checks import check_cross_key, check_main_key, check_references
from openslides_backend.actions.imports.lookup import read_lookups
from openslides_backend.actions.imports.rows import Row
from openslides_backend.actions.user_import.matching import accounts_of, unique_lookups
from openslides_backend.actions.user_import.unchanged import ACCOUNT, changed_elements
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_PLAIN = (
    "title",
    "first_name",
    "last_name",
    "is_active",
    "is_physical_person",
    "default_password",
    "email",
    "username",
    "pronoun",
    "saml_id",
    "member_number",
    "external",
    "default_vote_weight",
    "gender_id",
)
"""Columns that are called the same in the actions; previews of other versions may name genders by their ids."""
_REFERENCES = {"gender": "gender_id", "home_committee": "home_committee_id"}
_SIGN_IN = ("default_password", "can_change_own_password")


def check_keys(uow: UnitOfWork, rows: Sequence[Row]) -> None:
    """Whether the rows still mean the same accounts and committees. Three reads.

    The accounts are read with all that is going to be asked of them: reading thousands once more costs seconds.

    Raises BadRequest for a row without a username, or one that doesn't say which account it updates.
    """
    uow.load("user", accounts_of(rows), *ACCOUNT)
    lookups = unique_lookups(rows)
    read_lookups(uow, *lookups.values())
    for row in rows:
        columns = ("username", "member_number")
        if row.state == "done" and any(entry.get("info") == "new" for entry in row.objects("username")):
            columns = ("member_number", "username")
        main, cross = columns
        account_id = check_main_key(row, main, lookups[main])
        check_cross_key(row, cross, lookups[cross], account_id)
        check_cross_key(row, "saml_id", lookups["saml_id"], account_id)
    check_references(uow, rows, {"home_committee": ("committee", "name")})


def left(row: Row, column: str) -> bool:
    """Whether the row has the column, and it isn't left out."""
    return column in row.data and all(entry.get("info") != "remove" for entry in row.objects(column))


def account_values(row: Row, stored: ReadOnlyFields) -> Fields:
    """What `user.create` or `user.update` are given of the row; `stored` is the account with `_SIGN_IN`, as it is."""
    values = row.handed([name for name in _PLAIN if left(row, name)])
    for column, field in _REFERENCES.items():
        if (id_ := _referred(row, column)) is not None:
            values[field] = id_
    if values.get("saml_id"):
        if "default_password" in row.data or stored.get("default_password"):
            values["default_password"] = ""
        if stored.get("can_change_own_password"):
            values["can_change_own_password"] = False
    elif not values.get("default_password"):
        # The empty cell of which user.create has made a password doesn't take it away again.
        values.pop("default_password", None)
    if row.state == "done":
        values["id"] = row.data["id"]
        if " " in values.get("username", ""):
            del values["username"]
    return values


def _referred(row: Row, column: str) -> int | None:
    """The model that the column names; a committee may have got another name meanwhile, and is meant all the same."""
    left_out = ("remove", "warning") if column == "gender" else ("remove",)
    return next((entry.get("id") for entry in row.objects(column) if entry.get("info") not in left_out), None)


def write_accounts(action: Action, rows: Sequence[Row], more: Sequence[Fields]) -> list[int]:
    """Create and update the accounts; `more` is what else is written with each row.

    Returns the ids of the accounts, in the order of the rows.
    """
    stored = action.uow.get_many("user", accounts_of(rows), *_SIGN_IN)
    elements = [
        {**account_values(row, stored.get(row.data.get("id", 0), {})), **values}
        for row, values in zip(rows, more, strict=True)
    ]
    created = [element for row, element in zip(rows, elements, strict=True) if row.state == "new"]
    updated = [element for row, element in zip(rows, elements, strict=True) if row.state == "done"]
    new_ids = iter(ids_of(action.execute("user.create", created)))
    action.execute("user.update", list(changed_elements(action.uow, updated)))
    return [row.data["id"] if row.state == "done" else next(new_ids) for row in rows]
