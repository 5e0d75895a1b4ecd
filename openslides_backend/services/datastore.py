"""The datastore as the service sees it: queries, events and the Protocol of its client (datastore.md).

One call of `read` is one round trip, however many queries it holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal, Protocol

from openslides_backend.shared.filters import Filter
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields, Models


class DeletedModels(IntEnum):
    """Which models a query looks at (`get_deleted_models`)."""

    LIVE = 1
    DELETED = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class GetMany:
    """Models of one collection by their ids; those that don't exist are left out. Answer: `Models`.

    `fields` empty means all fields. Every model of the answer has `meta_position`, and `meta_deleted` where
    deleted models are looked at.
    """

    collection: str
    ids: tuple[int, ...]
    fields: tuple[str, ...] = ()
    deleted: DeletedModels = DeletedModels.LIVE


@dataclass(frozen=True, slots=True)
class FilterModels:
    """Live models of a collection that pass the filter (`meta_deleted = false` is added). Answer: `Found`."""

    collection: str
    filter: Filter
    fields: tuple[str, ...] = ()
    deleted: DeletedModels = DeletedModels.LIVE


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`exists`, `count`, `min` or `max` over the models that pass the filter. Answer: `Aggregated`.

    `field` is needed for min and max; `deleted` ALL counts deleted models, too.
    """

    kind: Literal["exists", "count", "min", "max"]
    collection: str
    filter: Filter
    field: str = ""
    deleted: DeletedModels = DeletedModels.LIVE


@dataclass(frozen=True, slots=True)
class GetAll:
    """All models of a collection. Answer: `Models`."""

    collection: str
    fields: tuple[str, ...] = ()
    deleted: DeletedModels = DeletedModels.LIVE


Query = GetMany | FilterModels | Aggregate | GetAll


@dataclass(frozen=True, slots=True)
class Found:
    """Models that passed a filter, and the newest position of the datastore when it was asked (0 in an empty one)."""

    models: Models
    position: int


@dataclass(frozen=True, slots=True)
class Aggregated:
    """The value of an aggregate (bool for exists, int for count, number or None for min and max), and the position."""

    value: Any
    position: int


Answer = Models | Found | Aggregated


@dataclass(slots=True)
class CreateEvent:
    """A new model with its fields."""

    fqid: str
    fields: Fields


@dataclass(slots=True)
class UpdateEvent:
    """Changed fields of a model (None removes one); `add` and `remove` change lists without knowing them."""

    fqid: str
    fields: Fields = field(default_factory=dict)
    add: dict[str, list[Any]] = field(default_factory=dict)
    remove: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class DeleteEvent:
    """A model is marked deleted."""

    fqid: str


Event = CreateEvent | UpdateEvent | DeleteEvent

LockValue = int | dict[str, Any] | list[dict[str, Any]]


@dataclass(slots=True)
class WriteRequest:
    """Events that are written in one position, or not at all.

    `locked_fields` maps fqids, fqfields and collectionfields to positions (datastore.md, "Writer"). `migrated_from` are
    migration index and position of the data that a migration to `migration_index` was computed from: the datastore must
    not have been changed since then.
    """

    events: Sequence[Event]
    user_id: int
    locked_fields: Mapping[str, LockValue] = field(default_factory=dict)
    information: Mapping[str, Any] = field(default_factory=dict)
    migration_index: int | None = None
    migrated_from: tuple[int, int] | None = None


class DatastoreReader(Protocol):
    """Anything that answers queries: the client, or a unit of work."""

    def read(self, queries: Sequence[Query]) -> list[Any]:
        """The answers of the queries, in order (see the query classes for their types).

        Raises ServiceError if the reader can't be reached or doesn't answer properly.
        """


class Datastore(DatastoreReader, Protocol):
    """The client of both datastore services; safe to be shared between threads."""

    @property
    def migration_index(self) -> int | None:
        """The migration index of the data as of the latest answer; None if they have none, or it isn't told."""

    def read_migration_index(self) -> int | None:
        """The migration index of the data as of now, in a round trip of its own."""

    def get_everything(self) -> dict[str, Models]:
        """All live models with all fields, by collection; without meta fields."""

    def write(self, requests: Sequence[WriteRequest]) -> None:
        """Write all or nothing.

        Raises ModelLocked if locks are broken or a model that is changed is gone, ServiceError if the writer fails;
        a request whose outcome is unknown is never sent twice.
        """

    def begin_read(self, queries: Sequence[Query]) -> Pending[list[Any]]:
        """Like `read`, but other things can be done until the answers are there."""

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]:
        """Fresh ids for each collection; one round trip where the writer supports it."""

    def begin_reserve_ids(self, amounts: Mapping[str, int]) -> Pending[dict[str, list[int]]]:
        """Like `reserve_ids`, but other things can be done until the ids are there."""

    def write_without_events(self, fqid: str, fields: Fields) -> None:
        """Merge fields into an `action_worker` or `import_preview` at once, without position and history."""

    def delete_without_events(self, fqids: Sequence[str]) -> None:
        """Really remove models of these two collections."""

    def truncate(self) -> None:
        """Empty the datastore (development mode only)."""
