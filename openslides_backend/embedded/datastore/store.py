"""The datastore's data: every command as a method, with its transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from time import monotonic
from typing import Any, TypeVar

from openslides_backend.embedded.datastore import history, reading
from openslides_backend.embedded.datastore.committing import Committer
from openslides_backend.embedded.datastore.database import Database, Session
from openslides_backend.embedded.datastore.parsing import WriteEvent, WriteRequest
from openslides_backend.embedded.datastore.reading import ALL, ModelsRequest
from openslides_backend.embedded.datastore.schema import EMPTIED_BY_TRUNCATE
from openslides_backend.embedded.datastore.writing import Change, Writer, lock_state, make_entries_anew, reserve_ids
from openslides_backend.shared.typing import Fields

T = TypeVar("T")

MIGRATION_INDEX_SECONDS = 1.0
"""How long the migration index is remembered, as every answer tells it."""


class Store:
    """Reads and writes; safe to be shared between threads, and on PostgreSQL between processes.

    `message_bus` is host and port of a Redis server to which changes are published. Every method raises DatabaseFailure
    where the database fails.
    """

    def __init__(self, database_url: str, message_bus: tuple[str, int] | None = None) -> None:
        self._database = Database(database_url)
        self._database.create_tables()
        self._database.write(make_entries_anew)
        self._database.close()
        self._committer = Committer(self._database)
        self._publish = None if message_bus is None else _publisher(message_bus, self._read_models)
        self._migration_index: int | None = None
        self._migration_index_until = 0.0

    def close(self) -> None:
        """Close the connections that aren't in use."""
        self._database.close()

    def read(self, work: Callable[[Session], T]) -> T:
        """Run the work, made of the functions of `reading`, on one snapshot."""
        return self._database.read(work)

    def read_once(self, work: Callable[[Session], T]) -> T:
        """The same for work that is most likely one query."""
        return self._database.read_once(work)

    def write(self, requests: Sequence[WriteRequest]) -> None:
        """Write all requests or none; raises the errors of `Writer.write`."""

        def work(session: Session) -> list[Change]:
            writer = Writer(session)
            for request in requests:
                writer.write(request)
            return writer.changes

        changes = self._committer.run(work)
        if any(request.migration_index is not None for request in requests):
            self._migration_index_until = 0.0
        if self._publish is not None:
            self._publish(changes)

    def migration_index(self) -> int | None:
        """The migration index that the data came with, None if they came without one.

        Another one is noticed a second later if it is set by another process.
        """
        if monotonic() > self._migration_index_until:
            self._migration_index = self.read_once(reading.read_migration_index)
            self._migration_index_until = monotonic() + MIGRATION_INDEX_SECONDS
        return self._migration_index

    def write_without_events(self, events: Sequence[WriteEvent]) -> None:
        """Write models that have no history."""
        self._committer.run(lambda session: Writer(session).write_without_events(events))

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]:
        """Fresh ids by collection.

        That an id was given out needs to survive the end of the machine only if something is written with it.
        """

        def work(session: Session) -> dict[str, list[int]]:
            return reserve_ids(session, amounts)

        if self._database.postgres:
            return self._database.run_once(work)
        return self._committer.run(work, durable=False)

    def history_information(self, fqids: Collection[tuple[str, int]]) -> dict[str, list[dict[str, Any]]]:
        """What was told about the changes of models, by fqid."""

        def work(session: Session) -> dict[str, list[dict[str, Any]]]:
            return {f"{name}/{id_}": history.information(session, name, id_) for name, id_ in fqids}

        return self.read(work)

    def delete_history_information(self) -> None:
        """Forget what was told about changes."""

        def work(session: Session) -> None:
            lock_state(session)
            session.run("UPDATE positions SET information = NULL")

        self._committer.run(work)

    def truncate(self) -> None:
        """Forget everything."""

        def work(session: Session) -> None:
            lock_state(session)
            session.run("UPDATE state SET position = 0, migration_index = 0")
            for table in EMPTIED_BY_TRUNCATE:
                session.run(f"DELETE FROM {table}")  # noqa: S608  # a name of our own

        self._committer.run(work)
        self._migration_index_until = 0.0

    def _read_models(self, pairs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Fields]:
        requests = [ModelsRequest(collection, [id_], ()) for collection, id_ in pairs]
        found = self.read(lambda session: reading.get_many(session, requests, None, ALL))
        return {(name, id_): model for name, models in found.items() for id_, model in models.items()}


def _publisher(message_bus: tuple[str, int], read_models: Callable[..., object]) -> Callable[[Sequence[Change]], None]:
    """What tells listeners of changes; the Redis client is loaded only where there is a message bus."""
    publishing = import_module("openslides_backend.embedded.datastore.publishing")
    publish: Callable[[Sequence[Change]], None] = publishing.RedisPublisher(*message_bus, read_models).publish
    return publish
