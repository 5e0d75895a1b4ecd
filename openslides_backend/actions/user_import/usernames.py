"""Usernames for rows that have none and mean nobody who is stored (account_import.md, "Generated usernames")."""

from collections.abc import Iterable, Sequence
from itertools import count

from openslides_backend.actions.user.unique import FreeNames, Holders, username_base
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.shared.typing import Fields


def generated_usernames(uow: UnitOfWork, rows: Sequence[Fields], given: Iterable[str]) -> list[str]:
    """A username for each row that nobody has; empty where there are no names to make one of.

    `given` are the usernames that rows of the upload bring along. Few reads for all names together.
    """
    holders = Holders(uow, "username")
    bases = {base for row in rows if not row.get("saml_id") and (base := username_base(row))}
    holders.ask([*bases, *(row["saml_id"] for row in rows if row.get("saml_id"))])
    not_stored = FreeNames(holders, bases)
    first = {base: not_stored.next(base) for base in sorted(bases)}
    candidates = [row.get("saml_id") or first.get(username_base(row), "") for row in rows]
    holders.ask(candidates)
    nobody = count(-1, -1)
    for name in given:
        holders.take(name, next(nobody))
    free = FreeNames(holders, filter(None, candidates))
    names = []
    for candidate in candidates:
        name = free.next(candidate) if candidate else ""
        holders.take(name, next(nobody))
        names.append(name)
    return names
