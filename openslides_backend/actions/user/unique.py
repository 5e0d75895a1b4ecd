"""Values that no two accounts may share, and usernames that are made unique (user_permissions.md, 14.2 and 14.3)."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse

from openslides_backend.engine.action import Part
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
_FURTHER = 8
"""How many times as many are tried next: reads for all names together stay few however many are in use."""


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


class UniqueValues(Part):
    """Values that nobody else has; `generates`: who has no username gets one that is free.

    One read, a second one where names are in use, a few more if many numbers behind a name are, too.
    """

    def __init__(self, *, generates: bool = False) -> None:
        self.generates = generates

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        values = self._values(elements)
        first = [query for name in UNIQUE for query in Holders(self.uow, name).needs(values[name])]
        yield from first
        if self.generates and not self.uow.unknown(first):
            holders = self._holders(values)["username"]
            yield from holders.needs(_numbered(holders, self._bases(elements)))

    def prepare(self, elements: list[Fields]) -> None:
        self._known = self._holders(self._values(elements))
        for element in elements if self.generates else ():
            if "username" not in element and element.get("saml_id"):
                element["username"] = element["saml_id"]
        self._names = FreeNames(self._known["username"], self._bases(elements) if self.generates else ())

    def check(self, element: Fields) -> None:
        if self.generates and _lacks_name(element):
            _check_base(element)
        for name, holders in self._known.items():
            if name in element:
                _check(holders, name, element[name], element["id"])

    def fill(self, element: Fields) -> None:
        if self.generates and _lacks_name(element):
            element["username"] = self._names.next(username_base(element))
        for name, holders in self._known.items():
            if element.get(name):
                holders.take(element[name], element["id"])

    def _values(self, elements: Sequence[Fields]) -> dict[str, list[str]]:
        values = {name: [value for element in elements if (value := element.get(name))] for name in UNIQUE}
        if self.generates:
            of_single_sign_on = [e["saml_id"] for e in elements if "username" not in e and e.get("saml_id")]
            values["username"] += [*self._bases(elements), *of_single_sign_on]
        return values

    def _holders(self, values: Mapping[str, Iterable[str]]) -> dict[str, Holders]:
        holders = {name: Holders(self.uow, name) for name in UNIQUE}
        for name, holder in holders.items():
            holder.ask(values[name])
        return holders

    @staticmethod
    def _bases(elements: Sequence[Fields]) -> list[str]:
        return [base for element in elements if _lacks_name(element) and (base := username_base(element))]


def _check(holders: Holders, name: str, value: str | None, user_id: int) -> None:
    if value is None and name == "member_number":
        return
    if not value:
        raise InvalidField(name, "It must not be empty.")
    if not holders.is_free(value, user_id):
        raise InvalidField(name, "It is in use already.")


def _lacks_name(element: Fields) -> bool:
    """Whether a username has to be made; who comes by single sign-on has a name there."""
    return "username" not in element and not element.get("saml_id")


def username_base(element: Fields) -> str:
    """What a username is made of for somebody who has none; empty if there is nothing to make it of."""
    names = (element.get("first_name") or "") + (element.get("last_name") or "")
    return "".join(filterfalse(is_invisible, _NOT_IN_NAMES.sub("", names)))


def _check_base(element: Fields) -> None:
    """Raises BadRequest if there is nothing to make a username of."""
    if not element.get("first_name") and not element.get("last_name"):
        raise InvalidField("username", "A username, a first name or a last name is needed.")
    if not username_base(element):
        raise InvalidField("username", "The names have no characters that a username can be made of.")


class FreeNames:
    """Finds free usernames for bases that have been asked for, in a read or a few for all of them."""

    def __init__(self, holders: Holders, bases: Iterable[str]) -> None:
        self._holders = holders
        self._last: dict[str, int] = {}
        crowded, reach = _crowded(holders, bases), _SPARE
        while crowded:
            names = {base: _names(base, amount + reach) for base, amount in crowded.items()}
            holders.ask(name for some in names.values() for name in some)
            free = {base: sum(holders.is_free(name, 0) for name in some) for base, some in names.items()}
            crowded = {base: amount for base, amount in crowded.items() if free[base] < amount}
            reach *= _FURTHER

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


def _crowded(holders: Holders, bases: Iterable[str]) -> dict[str, int]:
    """How many names are wanted of the bases that are in use or wanted several times."""
    return {b: amount for b, amount in Counter(bases).items() if amount > 1 or not holders.is_free(b, 0)}


def _names(base: str, end: int) -> list[str]:
    return [f"{base}{number}" for number in range(1, end)]


def _numbered(holders: Holders, bases: Iterable[str]) -> list[str]:
    """Names that are looked at first where bases are crowded."""
    crowded = _crowded(holders, bases)
    return [name for base, amount in crowded.items() for name in _names(base, amount + _SPARE)]


def free_username(uow: UnitOfWork, base: str) -> str:
    """The base, or the base with the lowest number behind it that nobody has as his username."""
    holders = Holders(uow, "username")
    holders.ask([base])
    return FreeNames(holders, [base]).next(base)
