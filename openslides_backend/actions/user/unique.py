"""Values that no two accounts may share, and usernames that are made unique (user_permissions.md, 14.2 and 14.3)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import filterfalse

from openslides_backend.engine.action import blaming
from openslides_backend.engine.unit_of_work import UnitOfWork, filter_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.characters import is_invisible
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields

UNIQUE = ("username", "saml_id", "member_number")

_NOT_IN_NAMES = re.compile(r"\W")
_SPARE = 4
"""How many numbers are tried at first behind a name that is in use."""


class Holders:
    """Which accounts have a value of one field: those stored, and what earlier elements of the action have changed."""

    def __init__(self, uow: UnitOfWork, field: str) -> None:
        self._uow = uow
        self._field = field
        self._asked: set[str] = set()
        self._holders: defaultdict[str, set[int]] = defaultdict(set)
        self._values: dict[int, str] = {}

    def needs(self, values: Iterable[str]) -> list[Query]:
        """What `ask` reads."""
        unknown = {value for value in values if value} - self._asked
        return [filter_query("user", any_of(self._field, unknown), self._field)] if unknown else []

    def ask(self, values: Iterable[str]) -> None:
        """Find out who has the values, in one read."""
        unknown = {value for value in values if value} - self._asked
        if unknown:
            self._asked |= unknown
            found = self._uow.filter("user", any_of(self._field, unknown), self._field)
            for user_id, user in found.items():
                if user_id not in self._values:
                    self.take(user[self._field], user_id)

    def is_known(self, value: str) -> bool:
        """Whether the value was asked for."""
        return value in self._asked

    def is_free(self, value: str, user_id: int) -> bool:
        """Whether nobody but this user has the value, which must have been asked for."""
        return not self._holders[value] - {user_id}

    def take(self, value: str, user_id: int) -> None:
        """From now on the user has this value, and no longer the one that he had."""
        if user_id in self._values:
            self._holders[self._values[user_id]].discard(user_id)
        self._values[user_id] = value
        self._holders[value].add(user_id)


def unique_needs(uow: UnitOfWork, elements: Sequence[Fields], bases: Sequence[str | None] = ()) -> list[Query]:
    """What `check_unique` reads first."""
    return [query for name in UNIQUE for query in Holders(uow, name).needs(_values(elements, name, bases))]


def check_unique(uow: UnitOfWork, elements: Sequence[Fields], bases: Sequence[str | None] = ()) -> None:
    """Check the unique fields of elements, which have an `id`, in their order.

    An element with a base gets a username: the base, made unique with a number. One read, a second one where bases are
    in use, more only if many numbers behind a name are, too. Raises BadRequest, blamed on the element.
    """
    holders = {name: Holders(uow, name) for name in UNIQUE}
    uow.prefetch(unique_needs(uow, elements, bases))
    for name, holder in holders.items():
        holder.ask(_values(elements, name, bases))
    names = _FreeNames(holders["username"], bases)
    for index, element in enumerate(elements):
        with blaming(index):
            if bases and (base := bases[index]) is not None:
                element["username"] = names.next(base)
            for name, holder in holders.items():
                if name in element:
                    _check(holder, name, element[name], element["id"])


def _check(holders: Holders, name: str, value: str | None, user_id: int) -> None:
    if value is None and name == "member_number":
        return
    if not value:
        raise InvalidField(name, "It must not be empty.")
    if not holders.is_free(value, user_id):
        raise InvalidField(name, "It is in use already.")
    holders.take(value, user_id)


def _values(elements: Iterable[Fields], name: str, bases: Sequence[str | None]) -> list[str]:
    values = [value for element in elements if (value := element.get(name))]
    return [*values, *(base for base in bases if base)] if name == "username" else values


def name_base(element: Fields) -> str:
    """What a username is made of for somebody who has none.

    Raises BadRequest if there is nothing to make it of.
    """
    first_name, last_name = element.get("first_name") or "", element.get("last_name") or ""
    if not first_name and not last_name:
        raise InvalidField("username", "A username, a first name or a last name is needed.")
    base = "".join(filterfalse(is_invisible, _NOT_IN_NAMES.sub("", first_name + last_name)))
    if not base:
        raise InvalidField("username", "The names have no characters that a username can be made of.")
    return base


class _FreeNames:
    """Finds free usernames for bases that have been asked for."""

    def __init__(self, holders: Holders, bases: Iterable[str | None]) -> None:
        self._holders = holders
        self._last: dict[str, int] = {}
        amounts = Counter(base for base in bases if base)
        crowded = {base: amount for base, amount in amounts.items() if amount > 1 or not holders.is_free(base, 0)}
        holders.ask(f"{base}{number}" for base, amount in crowded.items() for number in range(1, amount + _SPARE))

    def next(self, base: str) -> str:
        """The base, or the base with the lowest number behind it that is free."""
        if base not in self._last:
            self._last[base] = 0
            if self._holders.is_free(base, 0):
                return base
        while True:
            self._last[base] += 1
            name = f"{base}{self._last[base]}"
            if not self._holders.is_known(name):
                first = self._last[base]
                self._holders.ask(f"{base}{first + ahead}" for ahead in range(first + _SPARE))
            if self._holders.is_free(name, 0):
                return name


def free_username(uow: UnitOfWork, base: str) -> str:
    """The base, or the base with the lowest number behind it that nobody has as his username."""
    holders = Holders(uow, "username")
    holders.ask([base])
    return _FreeNames(holders, [base]).next(base)
