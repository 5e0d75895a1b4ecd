"""The datastore over HTTP: the client of reader and writer (datastore.md)."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from openslides_backend.services.datastore import (
    Aggregated,
    CreateEvent,
    DeletedModels,
    Event,
    FilterModels,
    Found,
    GetAll,
    GetMany,
    Query,
    UpdateEvent,
    WriteRequest,
)
from openslides_backend.services.http import READ_TIMEOUT_SECONDS, HttpPool
from openslides_backend.services.transport import HttpAnswer, service_error
from openslides_backend.shared.exceptions import BadRequest, ModelLocked
from openslides_backend.shared.filters import And, FieldFilter, Filter
from openslides_backend.shared.long_json import encode_long
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields, Models

logger = logging.getLogger(__name__)

T = TypeVar("T")

READER = "datastore reader"
WRITER = "datastore writer"

INVALID_FORMAT, INVALID_REQUEST, DOES_NOT_EXIST, EXISTS, LOCKED, NOT_EMPTY = 1, 2, 3, 4, 6, 8
"""Error types of the contract that mean something to the client."""

MIGRATION_INDEX_HEADER = "migration-index"

_MANY = 1_000
_SECONDS_A_MODEL = 0.001
"""Some ten times of what it takes on a machine with nothing else to do."""

_encoder = json.JSONEncoder(separators=(",", ":"))


class HttpDatastore:
    """The `Datastore` at two URLs; safe to be shared between threads.

    Several queries go out as one `batch` command, an extension of the contract. A reader that doesn't know it gets them
    one after the other; that is found out once. Another extension is a header that tells the migration index of the
    data: `migration_index` is that of the latest answer.
    """

    def __init__(self, pool: HttpPool, reader_url: str, writer_url: str) -> None:
        self._pool = pool
        self._reader_url = reader_url.rstrip("/")
        self._writer_url = writer_url.rstrip("/")
        self._knows_batch = True
        self._knows_many_ids = True
        self.migration_index: int | None = None

    def read(self, queries: Sequence[Query]) -> list[Any]:
        """The answers of the queries, in order, see `DatastoreReader`."""
        return self.begin_read(queries).result()

    def begin_read(self, queries: Sequence[Query]) -> Pending[list[Any]]:
        """See `Datastore`."""
        if not queries:
            return Pending.known([])
        if len(queries) == 1:
            command, body = _to_json(queries[0])
            return self._begin_reader(command, body).then(lambda answer: [_single_answer(queries[0], answer)])
        if not self._knows_batch:
            return Pending.known(self._read_singly(queries))
        batch = {"queries": [{"command": command, **query} for command, query in map(_to_json, queries)]}
        patience = _patience(sum(len(query.ids) for query in queries if isinstance(query, GetMany)))
        return self._begin_reader("batch", batch, patience).then(partial(self._batch_answers, queries))

    def get_everything(self) -> dict[str, Models]:
        """All live models with all fields, by collection; without meta fields."""
        return _well_formed(
            _checked(self._post_reader("get_everything", {})),
            lambda value: {name: _without_meta(_models(models)) for name, models in value.items()},
        )

    def write(self, requests: Sequence[WriteRequest]) -> None:
        """Write all or nothing, see `Datastore`."""
        body = [_write_request(request) for request in requests]
        patience = _patience(sum(len(request.events) for request in requests))
        answer = self._begin_writer("write", body[0] if len(body) == 1 else body, patience).result()
        if not answer.ok:
            raise _write_error(answer)

    def read_migration_index(self) -> int | None:
        """The migration index of the data as of now; what is remembered where the reader doesn't tell it."""
        answer = self._post_reader("migration_index", {})
        if _is_unknown_command(answer):
            return self.migration_index
        self.migration_index = _well_formed(_checked(answer), lambda value: value["migration_index"])
        return self.migration_index

    def reserve_ids(self, amounts: Mapping[str, int]) -> dict[str, list[int]]:
        """Fresh ids for each collection."""
        return self.begin_reserve_ids(amounts).result()

    def begin_reserve_ids(self, amounts: Mapping[str, int]) -> Pending[dict[str, list[int]]]:
        """See `Datastore`."""
        wanted = {name: amount for name, amount in amounts.items() if amount > 0}
        if not wanted:
            return Pending.known({})
        if len(wanted) == 1:
            (name,) = wanted
            return self._begin_writer("reserve_ids", _ids_of(name, wanted[name])).then(
                lambda answer: {name: _reserved(answer)}
            )
        if not self._knows_many_ids:
            return Pending.known(self._reserve_singly(wanted))
        body = [_ids_of(name, amount) for name, amount in wanted.items()]
        return self._begin_writer("reserve_ids", body).then(partial(self._many_ids, wanted))

    def _many_ids(self, wanted: Mapping[str, int], answer: HttpAnswer) -> dict[str, list[int]]:
        if _is_unknown_command(answer):
            self._knows_many_ids = False
            return self._reserve_singly(wanted)
        return _well_formed(_checked(answer), lambda value: {name: list(ids) for name, ids in value["ids"].items()})

    def _reserve_singly(self, wanted: Mapping[str, int]) -> dict[str, list[int]]:
        return {
            name: _reserved(self._post_writer("reserve_ids", _ids_of(name, amount))) for name, amount in wanted.items()
        }

    def write_without_events(self, fqid: str, fields: Fields) -> None:
        """Merge fields into a model without history."""
        self._post_without_events([{"type": "update", "fqid": fqid, "fields": fields}])

    def delete_without_events(self, fqids: Sequence[str]) -> None:
        """Really remove models."""
        if fqids:
            self._post_without_events([{"type": "delete", "fqid": fqid} for fqid in fqids])

    def truncate(self) -> None:
        """Empty the datastore."""
        _checked(self._post_writer("truncate_db", {}))

    def _post_without_events(self, events: list[Fields]) -> None:
        request = {"user_id": 0, "information": {}, "locked_fields": {}, "events": events}
        _checked(self._post_writer("write_without_events", [request]))

    def _post_reader(self, command: str, body: object) -> HttpAnswer:
        return self._begin_reader(command, body).result()

    def _post_writer(self, command: str, body: object) -> HttpAnswer:
        return self._begin_writer(command, body).result()

    def _begin_reader(self, command: str, body: object, patience: float | None = None) -> Pending[HttpAnswer]:
        url, content = f"{self._reader_url}/{command}", _encode(body)
        asked = self._pool.begin(READER, "POST", url, content, repeatable=True, read_timeout=patience)
        return asked.then(self._noted)

    def _begin_writer(self, command: str, body: object, patience: float | None = None) -> Pending[HttpAnswer]:
        url = f"{self._writer_url}/{command}"
        return self._pool.begin(WRITER, "POST", url, _encode(body), read_timeout=patience).then(self._noted)

    def _noted(self, answer: HttpAnswer) -> HttpAnswer:
        """The answer; the migration index that it tells is remembered."""
        if answer.ok:
            index = answer.headers.get(MIGRATION_INDEX_HEADER, "")
            self.migration_index = int(index) if index.isdecimal() else None
        return answer

    def _read_one(self, query: Query) -> Any:
        return _single_answer(query, self._post_reader(*_to_json(query)))

    def _batch_answers(self, queries: Sequence[Query], answer: HttpAnswer) -> list[Any]:
        """The answers; asked for one by one, now and from now on, if the reader doesn't know the command."""
        if _is_unknown_command(answer):
            answers = self._read_singly(queries)
            logger.info("%s: no batch command, queries are sent one by one", READER)
            self._knows_batch = False
            return answers
        return _well_formed(
            _checked(answer),
            lambda value: [_to_answer(query, part) for query, part in zip(queries, value["answers"], strict=True)],
        )

    def _read_singly(self, queries: Sequence[Query]) -> list[Any]:
        answers: list[Any] = [None] * len(queries)
        together: dict[DeletedModels, list[int]] = {}
        for index, query in enumerate(queries):
            if isinstance(query, GetMany):
                together.setdefault(query.deleted, []).append(index)
            else:
                answers[index] = self._read_one(query)
        for deleted, indexes in together.items():
            parts = [query for index in indexes if isinstance(query := queries[index], GetMany)]
            body = {"requests": [_get_many_part(part) for part in parts], "get_deleted_models": int(deleted)}
            found = _checked(self._post_reader("get_many", body))
            for index, models in zip(indexes, _shares(parts, found), strict=True):
                answers[index] = models
        return answers


def _patience(models: int) -> float | None:
    """Seconds until an answer must be there, where many models are read or written; None for the usual time.

    Who gives up a write too soon tells that it failed, and later it is there.
    """
    return None if models < _MANY else READ_TIMEOUT_SECONDS + models * _SECONDS_A_MODEL


def _encode(value: object) -> bytes:
    return encode_long(value, _encoder).encode("ascii")


def _checked(answer: HttpAnswer) -> HttpAnswer:
    """The answer, if it is a success; raises BadRequest if the request is to blame, else ServiceError."""
    if answer.ok:
        return answer
    raise _failure(answer)


def _well_formed(answer: HttpAnswer, convert: Callable[[Any], T]) -> T:
    """What `convert` makes of the JSON value; raises ServiceError where it can't."""
    value = answer.json()
    try:
        return convert(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        logger.warning("%s: unexpected form of an answer (%s)", answer.service, type(error).__name__)
        raise service_error(answer.service) from None


def _error_of(answer: HttpAnswer) -> dict[str, Any]:
    """The `error` of an answer in the contract's form; empty if it has none."""
    try:
        error = json.loads(answer.body)["error"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _is_unknown_command(answer: HttpAnswer) -> bool:
    """Whether a service that knows only the contract would answer an extension like this."""
    return answer.status in (404, 405) or _error_of(answer).get("type") in (INVALID_FORMAT, INVALID_REQUEST)


def _write_error(answer: HttpAnswer) -> Exception:
    """Locks that are broken, or models that someone else removed or made in the meantime: to be computed again."""
    error = _error_of(answer)
    if error.get("type") == LOCKED and isinstance(error.get("keys"), list):
        return ModelLocked([str(key) for key in error["keys"]])
    if error.get("type") in (DOES_NOT_EXIST, EXISTS):
        return ModelLocked([str(error.get("fqid"))])
    return _failure(answer)


def _failure(answer: HttpAnswer) -> Exception:
    """What an error means that says nothing of the data: the request is to blame, or the service."""
    type_ = _error_of(answer).get("type")
    logger.warning("%s: status %s, error type %s", answer.service, answer.status, type_)
    if answer.status == 400 and type_ in (INVALID_FORMAT, INVALID_REQUEST, NOT_EMPTY):
        return BadRequest(f"The {answer.service} refuses the request.")
    return service_error(answer.service)


def _single_answer(query: Query, answer: HttpAnswer) -> Any:
    return _well_formed(_checked(answer), lambda value: _to_answer(query, value))


def _ids_of(collection: str, amount: int) -> Fields:
    return {"collection": collection, "amount": amount}


def _reserved(answer: HttpAnswer) -> list[int]:
    return _well_formed(_checked(answer), lambda value: list(value["ids"]))


def _models(value: Mapping[str, Fields]) -> Models:
    return {int(id_): model for id_, model in value.items()}


def _without_meta(models: Models) -> Models:
    return {
        id_: {name: value for name, value in model.items() if not name.startswith("meta_")}
        for id_, model in models.items()
    }


def _mapped(fields: tuple[str, ...], deleted: DeletedModels) -> list[str]:
    """The fields to ask for, with the meta fields that answers have; none means all."""
    if not fields:
        return []
    meta = ["meta_position"] if deleted == DeletedModels.LIVE else ["meta_position", "meta_deleted"]
    return list(dict.fromkeys([*fields, *meta]))


def _with_deletion(filter_: Filter, deleted: DeletedModels) -> Fields:
    if deleted == DeletedModels.ALL:
        return filter_.to_json()
    return And(filter_, FieldFilter("meta_deleted", "=", deleted == DeletedModels.DELETED)).to_json()


def _get_many_part(query: GetMany) -> Fields:
    return {
        "collection": query.collection,
        "ids": list(query.ids),
        "mapped_fields": _mapped(query.fields, query.deleted),
    }


def _to_json(query: Query) -> tuple[str, Fields]:
    """Command and body."""
    if isinstance(query, GetMany):
        return "get_many", {"requests": [_get_many_part(query)], "get_deleted_models": int(query.deleted)}
    if isinstance(query, GetAll):
        return "get_all", {
            "collection": query.collection,
            "mapped_fields": _mapped(query.fields, query.deleted),
            "get_deleted_models": int(query.deleted),
        }
    body: Fields = {"collection": query.collection, "filter": _with_deletion(query.filter, query.deleted)}
    if isinstance(query, FilterModels):
        return "filter", {**body, "mapped_fields": _mapped(query.fields, query.deleted)}
    if query.kind in ("min", "max"):
        body["field"] = query.field
    return query.kind, body


def _to_answer(query: Query, value: Any) -> Any:
    if isinstance(query, GetMany):
        return _models(value.get(query.collection, {}))
    if isinstance(query, GetAll):
        return _models(value)
    if isinstance(query, FilterModels):
        return Found(_models(value["data"]), value["position"] or 0)
    return Aggregated(value[query.kind], value["position"] or 0)


def _shares(parts: Sequence[GetMany], answer: HttpAnswer) -> list[Models]:
    """What each of several queries would have been answered, from the answer to all of them."""
    return _well_formed(answer, lambda value: [_share(part, _models(value.get(part.collection, {}))) for part in parts])


def _share(part: GetMany, models: Models) -> Models:
    names = frozenset(_mapped(part.fields, part.deleted))
    return {
        id_: {name: value for name, value in models[id_].items() if not names or name in names}
        for id_ in part.ids
        if id_ in models
    }


def _write_request(request: WriteRequest) -> Fields:
    body: Fields = {
        "user_id": request.user_id,
        "information": request.information,
        "locked_fields": request.locked_fields,
        "events": [_event(event) for event in request.events],
    }
    if request.migration_index is not None:
        body["migration_index"] = request.migration_index
    if request.migrated_from is not None:
        index, position = request.migrated_from
        body["migrated_from"] = {"migration_index": index, "position": position}
    return body


def _event(event: Event) -> Fields:
    if isinstance(event, CreateEvent):
        return {"type": "create", "fqid": event.fqid, "fields": event.fields}
    if isinstance(event, UpdateEvent):
        body: Fields = {"type": "update", "fqid": event.fqid}
        if event.fields:
            body["fields"] = event.fields
        changes = {name: part for name, part in (("add", event.add), ("remove", event.remove)) if part}
        if changes:
            body["list_fields"] = changes
        return body
    return {"type": "delete", "fqid": event.fqid}
