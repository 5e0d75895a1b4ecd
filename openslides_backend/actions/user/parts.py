"""What the actions on accounts are made of."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.shared.executing import execute_for
from openslides_backend.actions.user.fields import meeting_data
from openslides_backend.engine.action import Part
from openslides_backend.engine.payload import Schema
from openslides_backend.engine.run import ids_of
from openslides_backend.services.datastore import Aggregate, GetMany, Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

_ACTIVE = equals(is_active=True)
_LIMIT = "limit_of_users"


class ParticipantData(Part):
    """The keys of the payload that are data of the account's meeting_user in the meeting that the element names."""

    def __init__(self, keys: Mapping[str, Schema]) -> None:
        self.payload_keys = keys

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.reads_of("meeting_user.set_data", *self._planned(elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return self.run.reserves_of("meeting_user.set_data", *self._planned(elements))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        work = [(index, data) for index, element in enumerate(elements) if (data := _data(element))]
        ids = ids_of(execute_for(self.action, "meeting_user.set_data", work))
        self.meeting_user_ids = {data["user_id"]: id_ for (_, data), id_ in zip(work, ids, strict=True)}
        """The ids of the meeting_users by those of their accounts."""

    def _planned(self, elements: Sequence[Fields]) -> tuple[list[Fields], list[int | None]]:
        planned = [data for element in elements if (data := _data(element))]
        return planned, [data["meeting_id"] for data in planned]


def _data(element: Fields) -> Fields:
    """An element for `meeting_user.set_data`; empty if there is nothing to set."""
    if not (data := meeting_data(element)):
        return {}
    named = {"user_id": element["id"]} if "id" in element else {}
    return {**named, "meeting_id": element["meeting_id"], **data}


class UserLimit(Part):
    """No more accounts may be active than the organization says (user_permissions.md, 14.6).

    `by_default`: elements that don't say so activate, too.
    """

    def __init__(self, *, by_default: bool = False) -> None:
        self.by_default = by_default

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        if any(element.get("is_active", self.by_default) for element in elements):
            yield GetMany("organization", (ORGANIZATION_ID,), ("id", _LIMIT))
            organization = self.uow.peek("organization", ORGANIZATION_ID, _LIMIT)
            if organization and organization[_LIMIT]:
                yield Aggregate("count", "user", _ACTIVE)

    def prepare(self, elements: list[Fields]) -> None:
        activating = any(element.get("is_active") for element in elements)
        self._limit = self.uow.find_fields("organization", ORGANIZATION_ID, _LIMIT)[_LIMIT] if activating else None
        self._active = self.uow.count("user", _ACTIVE) if self._limit else 0

    def check(self, element: Fields) -> None:
        if self._limit and (step := self._step(element)) > 0 and self._active + step > self._limit:
            raise InvalidField("is_active", f"The limit of {self._limit} active users is reached.")

    def fill(self, element: Fields) -> None:
        if self._limit:
            self._active += self._step(element)

    def _step(self, element: Fields) -> int:
        """What the element adds to the active accounts, after those before it."""
        known = self.uow.peek("user", element["id"], "is_active")
        was_active = bool(known and known["is_active"])
        return bool(element.get("is_active", was_active)) - was_active
