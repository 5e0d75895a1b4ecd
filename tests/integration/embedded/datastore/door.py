"""Asks a datastore application in this process, command by command."""

from typing import Any

from werkzeug.test import Client, TestResponse

from openslides_backend.embedded.datastore.application import (
    READER_PATH,
    WRITER_PATH,
    DatastoreApplication,
)

Json = Any


class Door:
    """The HTTP door of one application, with short forms of what tests do all the time."""

    def __init__(self, application: DatastoreApplication) -> None:
        self.client = Client(application)

    def post(self, path: str, body: Json) -> TestResponse:
        return self.client.post(path, json=body)

    def read(self, command: str, body: Json) -> Json:
        """The answer to a reader command that must succeed."""
        response = self.post(READER_PATH + command, body)
        assert response.status_code == 200, response.text
        return response.json

    def read_error(self, command: str, body: Json) -> Json:
        """The error of a reader command that must fail."""
        return self._error(self.post(READER_PATH + command, body))

    def write_error(self, body: Json, command: str = "write") -> Json:
        """The error of a writer command that must fail."""
        return self._error(self.post(WRITER_PATH + command, body))

    def write(self, *events: Json, locks: Json = None, information: Json = None, user_id: int = 1) -> int:
        """Write the events in one position, which is returned."""
        response = self.post(
            WRITER_PATH + "write", request(*events, locks=locks, information=information, user_id=user_id)
        )
        assert response.status_code == 201, response.text
        assert response.data == b""
        return self.position()

    def broken(self, locks: Json) -> list[str]:
        """Keys of the locks that are broken, found out by a write; nothing is written if any is."""
        response = self.post(
            WRITER_PATH + "write", request(create("lock_probe/1", x=1), delete("lock_probe/1"), locks=locks)
        )
        if response.status_code != 400 or response.json is None or response.json["error"]["type"] == 4:
            return []
        assert response.json["error"]["type"] == 6, response.text
        keys: list[str] = response.json["error"]["keys"]
        return keys

    def reserve(self, collection: str, amount: int) -> list[int]:
        response = self.post(WRITER_PATH + "reserve_ids", {"collection": collection, "amount": amount})
        assert response.status_code == 200, response.text
        assert response.json is not None
        ids: list[int] = response.json["ids"]
        return ids

    def get(self, fqid: str, *fields: str, **options: Json) -> Json:
        return self.read("get", {"fqid": fqid, "mapped_fields": list(fields), **options})

    def fields(self, fqid: str) -> Json:
        """All fields but the meta fields."""
        model = self.get(fqid, get_deleted_models=3)
        return {name: value for name, value in model.items() if not name.startswith("meta_")}

    def position(self) -> int:
        position: int | None = self.read("exists", {"collection": "x", "filter": equals("a", 1)})["position"]
        return position or 0

    def found(self, collection: str, condition: Json) -> list[int]:
        """Ids of the models that pass the filter, in order."""
        data = self.read("filter", {"collection": collection, "filter": condition, "mapped_fields": ["id"]})["data"]
        return sorted(map(int, data))

    @staticmethod
    def _error(response: TestResponse) -> Json:
        assert response.status_code == 400, response.text
        assert response.json is not None
        return response.json["error"]


def request(*events: Json, locks: Json = None, information: Json = None, user_id: int = 1) -> Json:
    return {"user_id": user_id, "information": information or {}, "locked_fields": locks or {}, "events": list(events)}


def create(fqid: str, **fields: Json) -> Json:
    return {"type": "create", "fqid": fqid, "fields": fields}


def update(fqid: str, add: Json = None, remove: Json = None, **fields: Json) -> Json:
    event: Json = {"type": "update", "fqid": fqid, "fields": fields}
    changes = {name: part for name, part in (("add", add), ("remove", remove)) if part is not None}
    return {**event, "list_fields": changes} if changes else event


def delete(fqid: str) -> Json:
    return {"type": "delete", "fqid": fqid}


def restore(fqid: str) -> Json:
    return {"type": "restore", "fqid": fqid}


def condition(field: str, operator: str, value: Json) -> Json:
    return {"field": field, "operator": operator, "value": value}


def equals(field: str, value: Json) -> Json:
    return condition(field, "=", value)


def all_of(*filters: Json) -> Json:
    return {"and_filter": list(filters)}


def any_of(*filters: Json) -> Json:
    return {"or_filter": list(filters)}


def negated(filter_: Json) -> Json:
    return {"not_filter": filter_}
