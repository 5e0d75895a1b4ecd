"""How many accounts may be active (user_permissions.md, 14.6)."""

from collections.abc import Iterable

from openslides_backend.engine.action import blaming
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import equals


def limit_needs() -> list[Query]:
    """What `check_limit` reads; what counting reads comes on top where there is a limit."""
    return [GetMany("organization", (1,), ("id", "limit_of_users"))]


def check_limit(uow: UnitOfWork, steps: Iterable[tuple[int, int]]) -> None:
    """Check a sequence of activations (+1) and deactivations (-1), each with the index of its element.

    Raises BadRequest, blamed on the element, where an activation would exceed the limit.
    """
    changes = list(steps)
    if not any(step > 0 for _, step in changes):
        return
    limit = (uow.find_fields("organization", 1, "limit_of_users")).get("limit_of_users")
    if not limit:
        return
    active = uow.count("user", equals(is_active=True))
    for index, step in changes:
        active += step
        if step > 0 and active > limit:
            with blaming(index):
                raise InvalidField("is_active", f"The limit of {limit} active users is reached.")
