"""Counts the calls to the datastore that a request makes, for the request log."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from openslides_backend.services.datastore import Datastore, Query, WriteRequest
from openslides_backend.shared.typing import Fields, Models


@dataclass(slots=True)
class CallCount:
    """Calls by their kind."""

    reads: int = 0
    reserves: int = 0
    writes: int = 0


_current: ContextVar[CallCount | None] = ContextVar("datastore_calls", default=None)


@contextmanager
def count_into(count: CallCount) -> Iterator[None]:
    """Add the calls that are made inside the block, in this context, to the count."""
    token = _current.set(count)
    try:
        yield
    finally:
        _current.reset(token)


class CountedDatastore:
    """A datastore client that counts each call into the count of its context, if there is one."""

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore

    def read(self, queries: Sequence[Query]) -> list[Any]:
        if (count := _current.get()) is not None:
            count.reads += 1
        return self._datastore.read(queries)

    def get_everything(self) -> dict[str, Models]:
        if (count := _current.get()) is not None:
            count.reads += 1
        return self._datastore.get_everything()

    def write(self, requests: Sequence[WriteRequest]) -> None:
        if (count := _current.get()) is not None:
            count.writes += 1
        self._datastore.write(requests)

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]:
        if (count := _current.get()) is not None:
            count.reserves += 1
        return self._datastore.reserve_ids(amounts)

    def write_without_events(self, fqid: str, fields: Fields) -> None:
        if (count := _current.get()) is not None:
            count.writes += 1
        self._datastore.write_without_events(fqid, fields)

    def delete_without_events(self, fqids: Sequence[str]) -> None:
        if (count := _current.get()) is not None:
            count.writes += 1
        self._datastore.delete_without_events(fqids)

    def truncate(self) -> None:
        self._datastore.truncate()
