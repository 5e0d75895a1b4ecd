"""The WSGI application of reader and writer.

It works on the raw WSGI environment: its answers take tens of microseconds, and so would a request object.
"""

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from openslides_backend.embedded.datastore import commands, parsing
from openslides_backend.embedded.datastore.codec import encode_large
from openslides_backend.embedded.datastore.errors import DatabaseFailure, DatastoreError, InvalidRequest, NotAllowed
from openslides_backend.embedded.datastore.store import Store
from openslides_backend.shared.exceptions import BadRequest, PayloadTooLarge
from openslides_backend.shared.json_body import parse_json, read_body
from openslides_backend.shared.request_log import note

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger(__name__)

READER_PATH = "/internal/datastore/reader/"
WRITER_PATH = "/internal/datastore/writer/"
MIGRATION_INDEX_HEADER = "Migration-Index"
"""Of every successful answer, if the data came with a migration index (an extension, docs/datastore.md)."""

MAX_BODY = 512 * 1024 * 1024
"""In bytes. Whole organizations are written at once."""

Answer = tuple[HTTPStatus, Any]
"""Status and JSON value; None is an empty body."""


class _HttpError(Exception):
    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class DatastoreApplication:
    """Answers the commands of datastore.md for reader and writer; `development` allows `truncate_db`."""

    def __init__(self, store: Store, development: bool) -> None:
        self.store = store
        self._development = development
        self._routes: dict[str, Callable[[Any], Answer]] = {
            f"{READER_PATH}{name}": self._reader(command) for name, command in commands.COMMANDS.items()
        }
        for command in (
            self.write,
            self.reserve_ids,
            self.write_without_events,
            self.delete_history_information,
            self.truncate_db,
        ):
            self._routes[f"{WRITER_PATH}{command.__name__}"] = command

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; nothing is raised."""
        headers = [("Content-Type", "application/json")]
        try:
            # First, so that nothing can fail any more once something is written.
            index = self.store.migration_index()
            status, value = self._answer(environ)
            if index is not None:
                headers.append((MIGRATION_INDEX_HEADER, str(index)))
        except DatastoreError as error:
            note(environ, reason=error.name)
            status, value = HTTPStatus.BAD_REQUEST, error.to_json()
        except NotAllowed as error:
            note(environ, reason="NOT_ALLOWED")
            status, value = HTTPStatus.FORBIDDEN, {"error": str(error)}
        except _HttpError as error:
            status, value = error.status, {"error": error.status.phrase}
        except DatabaseFailure as error:
            logger.error("%s: the database failed: %s", environ["PATH_INFO"], error)  # noqa: TRY400  # told by its text
            status, value = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "The database failed."}
        except Exception:
            logger.exception("%s failed", environ["PATH_INFO"])
            status, value = HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "Internal error."}
        body = b"" if value is None else encode_large(value).encode("ascii")
        headers.append(("Content-Length", str(len(body))))
        if status is HTTPStatus.NO_CONTENT:
            headers = []
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _answer(self, environ: "WSGIEnvironment") -> Answer:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        route = self._routes.get(path)
        if route is None:
            if path in (f"{READER_PATH}health", f"{WRITER_PATH}health"):
                return self._health(method)
            raise _HttpError(HTTPStatus.NOT_FOUND)
        if method != "POST":
            raise _HttpError(HTTPStatus.METHOD_NOT_ALLOWED)
        return route(_read_json(environ))

    def _health(self, method: str) -> Answer:
        if method not in ("GET", "HEAD"):
            raise _HttpError(HTTPStatus.METHOD_NOT_ALLOWED)
        self.store.read(lambda session: session.row("SELECT 1"))
        return HTTPStatus.OK, {"status": "running"}

    def _reader(self, command: Callable[[Any], commands.Work]) -> Callable[[Any], Answer]:
        def route(body: Any) -> Answer:
            work = command(parsing.require_object(body))
            once = command in (commands.get, commands.get_many)
            return HTTPStatus.OK, self.store.read_once(work) if once else self.store.read(work)

        return route

    def write(self, body: Any) -> Answer:
        """`write`."""
        self.store.write(parsing.parse_write(body))
        return HTTPStatus.CREATED, None

    def reserve_ids(self, body: Any) -> Answer:
        """`reserve_ids`, for one collection or (an extension, docs/datastore.md) a list of them."""
        ids = self.store.reserve_ids(parsing.parse_amounts(body))
        return HTTPStatus.OK, {"ids": ids if isinstance(body, list) else ids[body["collection"]]}

    def write_without_events(self, body: Any) -> Answer:
        """`write_without_events`."""
        events = parsing.parse_without_events(body)
        self.store.write_without_events(events)
        return (HTTPStatus.OK if events[0].type == "delete" else HTTPStatus.CREATED), None

    def delete_history_information(self, _body: Any) -> Answer:
        """`delete_history_information`."""
        self.store.delete_history_information()
        return HTTPStatus.NO_CONTENT, None

    def truncate_db(self, _body: Any) -> Answer:
        """`truncate_db`, in development mode."""
        if not self._development:
            raise NotAllowed("The data can be removed in development mode only.")
        self.store.truncate()
        return HTTPStatus.NO_CONTENT, None


def _read_json(environ: "WSGIEnvironment") -> Any:
    """The body as JSON, None if it is empty."""
    try:
        body = read_body(environ, MAX_BODY)
        return parse_json(body) if body else None
    except PayloadTooLarge:
        raise _HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from None
    except BadRequest:
        raise InvalidRequest("the body is no JSON") from None


def create_datastore_application(
    database_url: str, development: bool, message_bus: tuple[str, int] | None = None
) -> DatastoreApplication:
    """The application on a database, which is made ready for it.

    `database_url` is an SQLAlchemy URL: `sqlite:////path/to/file` (one worker process with any number of threads) or
    `postgresql://...` (several processes and machines may share it). `message_bus` is host and port of a Redis server.
    Raises DatabaseFailure if the database can't be reached.
    """
    return DatastoreApplication(Store(database_url, message_bus), development)
