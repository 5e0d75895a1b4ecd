"""Whom rows mean (account_import.md, "whom a row means" and checks A to D)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from openslides_backend.actions.imports.lookup import Lookup, Outcome, read_lookups, same_text
from openslides_backend.actions.imports.rows import Row, value_object
from openslides_backend.actions.user.fields import check_username
from openslides_backend.actions.user_import.usernames import generated_usernames
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_NAMES = ("first_name", "last_name", "email")
_STORED = ("username", "saml_id", "member_number", "default_password")
_AGAIN = ("username", "member_number", "saml_id")


class _Key(NamedTuple):
    """What a row names its account by: a field, or several of them."""

    kind: str | tuple[str, ...]
    value: Hashable


def _key(data: ReadOnlyFields) -> _Key | None:
    """The key of a row. Names are looked up in the form in which they would be stored: without blanks around them."""
    for kind in ("username", "saml_id"):
        if kind in data:
            return _Key(kind, data[kind])
    names = tuple((data.get(name) or "").strip() for name in _NAMES)
    return _Key(_NAMES, names) if any(names[:2]) else None


def unique_lookups(rows: Sequence[Row]) -> dict[str, Lookup]:
    """Lookups of accounts by the columns that no two of them share, among all rows that have the column."""
    given = {name: [value for row in rows if (value := row.value(name)) not in (None, "")] for name in _AGAIN}
    return {name: Lookup("user", name, values) for name, values in given.items()}


class Matching:
    """Finds out which accounts the rows of an upload mean: `match` gives states, `data["id"]`, and what is told of
    usernames, member numbers and the ids of single sign-on.

    Four reads at most, whatever the number of rows; more only where usernames with many numbers behind them are in use.
    """

    def __init__(self, uow: UnitOfWork, rows: Sequence[Row]) -> None:
        self._uow = uow
        self._rows = rows
        self._keys = [_key(row.data) for row in rows]
        self._given = [row.data.get("username") for row in rows]
        self._came_to: list[int | None] = [None] * len(rows)
        self._lookups: dict[str | tuple[str, ...], Lookup] = dict(unique_lookups(rows).items())
        self._lookups[_NAMES] = Lookup("user", _NAMES, self._values_of(_NAMES))

    def match(self) -> None:
        """Judge all rows."""
        read_lookups(self._uow, *self._lookups.values())
        self._accounts = self._stored_accounts()
        self._by_key = {kind: lookup.among(self._values_of(kind)) for kind, lookup in self._lookups.items()}
        self._name_rows()
        kinds = self._kinds_by_account()
        for index, row in enumerate(self._rows):
            self._judge_key(index, row)
            _judge_username(row)
            self._judge_number(row)
            if len(kinds[self._found(index, row)]) > 1:
                row.fail("Several rows mean this account, by different columns.")
            self._judge_saml_id(index, row)

    def _values_of(self, kind: str | tuple[str, ...]) -> list[Hashable]:
        return [key.value for key in self._keys if key is not None and key.kind == kind]

    def _stored_accounts(self) -> Models:
        ids: set[int] = set()
        for lookup in self._lookups.values():
            ids.update(lookup.all_ids())
        return self._uow.get_found("user", sorted(ids), *_STORED)

    # Rows without a username

    def _name_rows(self) -> None:
        nameless = []
        for row, key in zip(self._rows, self._keys, strict=True):
            if "username" in row.data:
                continue
            if (id_ := self._meant(row, key)) is None:
                nameless.append(row)
            else:
                username = self._accounts[id_]["username"]
                row.data.update(id=id_, username=value_object(username, "done", id_))
                self._by_key["username"].mention(username, id_)
        given = [name for name in self._given if name is not None]
        names = generated_usernames(self._uow, [row.data for row in nameless], given)
        for row, name in zip(nameless, names, strict=True):
            row.data["username"] = value_object(name, "generated")

    def _meant(self, row: Row, key: _Key | None) -> int | None:
        """The account that a row without a username means; should there be several, the newest."""
        if "member_number" in row.data:
            ids = self._lookups["member_number"].ids(row.data["member_number"])
        else:
            ids = [] if key is None else self._lookups[key.kind].ids(key.value)
        return max(ids, default=None)

    # Checks of a row

    def _judge_key(self, index: int, row: Row) -> None:
        """Check A."""
        if (key := self._keys[index]) is None:
            return
        outcome, id_ = self._by_key[key.kind].outcome(key.value), self._by_key[key.kind].id(key.value)
        if outcome is Outcome.FOUND and id_ is not None:
            self._came_to[index] = id_
            row.state = "done"
            name = self._given[index] or self._accounts[id_]["username"]
            row.data.update(id=id_, username=value_object(name, "done", id_))
        elif key.kind == "username":
            row.data["username"] = value_object(key.value, "done")
        if outcome is Outcome.AMBIGUOUS and key.kind == "saml_id":
            row.state = "error"
        elif outcome is Outcome.AMBIGUOUS:
            row.fail("Several rows or accounts have the same username, or the same names and email.", _column(key))

    def _judge_number(self, row: Row) -> None:
        """Check B."""
        if "member_number" not in row.data:
            return
        number, named = row.data["member_number"], row.data["username"].get("id")
        lookup = self._lookups["member_number"]
        outcome, found = lookup.outcome(number), lookup.id(number)
        row.data["member_number"] = value_object(number, "done")
        if named is not None:
            if row.state != "error":
                self._compare_number(row, named, outcome, found)
        elif outcome is Outcome.AMBIGUOUS:
            row.fail(f"member_number: Several rows or accounts have '{number}'.", "member_number")
        elif found is not None:
            row.data.update(id=found, member_number=value_object(number, "done", found))
            if row.data["username"].get("info") == "done":
                row.data["username"]["info"] = "new"
            row.state = "done" if row.state != "error" else row.state

    def _compare_number(self, row: Row, account_id: int, outcome: Outcome, found: int | None) -> None:
        number, stored = row.value("member_number"), self._accounts[account_id]["member_number"]
        if stored and same_text(stored) != same_text(number):
            row.fail("member_number: The account has another one, which can not be changed.", "member_number")
        elif outcome is Outcome.AMBIGUOUS or found not in (None, account_id):
            row.fail(f"member_number: '{number}' belongs to another row or account.", "member_number")
        elif stored:
            row.state = "done"
            row.data["member_number"]["id"] = account_id
            del row.data["username"]["id"]
        else:
            row.data["member_number"]["info"] = "new"

    def _judge_saml_id(self, index: int, row: Row) -> None:
        """Check D."""
        if "saml_id" not in row.data:
            return
        saml_id, came_to = row.data["saml_id"], self._came_to[index]
        account: Fields = {} if came_to is None else dict(self._accounts[came_to])
        outcome, found = self._lookups["saml_id"].outcome(saml_id), self._lookups["saml_id"].id(saml_id)
        is_own = outcome is Outcome.FOUND and found == row.data.get("id")
        row.data["saml_id"] = value_object(saml_id, "done" if account.get("saml_id") else "new")
        if outcome is not Outcome.NOT_FOUND and not is_own:
            row.fail(f"saml_id: '{saml_id}' belongs to another row or account.", "saml_id")
        is_new = row.data["saml_id"].get("info") == "new"
        if is_new or row.data.get("default_password") or account.get("default_password"):
            row.data["default_password"] = value_object("", "warning")
            row.messages.append("default_password: Who logs in by single sign-on needs none: it will be removed.")

    def _found(self, index: int, row: Row) -> int:
        """The account that checks A and B came to; 0 for none."""
        number = row.data.get("member_number") or {}
        return self._came_to[index] or number.get("id") or 0

    def _kinds_by_account(self) -> defaultdict[int, set[Hashable]]:
        """By which kinds of keys rows name each account (check C)."""
        kinds: defaultdict[int, set[Hashable]] = defaultdict(set)
        for key in filter(None, self._keys):
            for id_ in self._lookups[key.kind].ids(key.value):
                kinds[id_].add(key.kind)
        return kinds


def _judge_username(row: Row) -> None:
    """No new name looks like another one; one that is generated may be an id of single sign-on."""
    if row.state == "done" or "id" in row.data["username"]:
        return
    try:
        check_username(row.value("username"))
    except BadRequest as error:
        row.fail(str(error), "username")


def _column(key: _Key) -> str | None:
    return "username" if key.kind == "username" else None


def accounts_of(rows: Iterable[Row]) -> Iterator[int]:
    """The ids of the accounts that rows update."""
    return (row.data["id"] for row in rows if "id" in row.data)
