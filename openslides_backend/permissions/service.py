"""The permission service: a WSGI application (permissions.md, "The permission service")."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from openslides_backend.permissions.answers import Answers
from openslides_backend.permissions.rules import Inquiry, Refusal, Rule, evaluate, nobody
from openslides_backend.services.datastore import DatastoreReader
from openslides_backend.shared.context import INTERNAL
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.fqid import MAX_ID
from openslides_backend.shared.json_body import parse_json, read_body
from openslides_backend.shared.request_log import DISCREET, note

logger = logging.getLogger(__name__)

MAX_BODY = 512 * 1024 * 1024
"""In bytes. Data come as they were sent to the action, a base64 media upload included."""

_ALLOWED = {"allowed": True}

StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    body: dict[str, Any]
    allow: str = ""


class PermissionApplication:
    """Answers `POST /is_allowed` and `GET /health`, below any path prefix; may be shared between threads.

    `rules` holds the rule of every action and presenter by name; None is a name without a rule, allowed to nobody.
    """

    def __init__(self, rules: Mapping[str, Rule | None], reader: DatastoreReader) -> None:
        self._rules = rules
        self._reader = reader

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        try:
            reply = self._route(environ)
        except BackendError as error:
            note(environ, reason=type(error).__name__)
            reply = _Reply(error.status, _unjudged(error))
        except Exception:
            logger.exception("Fault while judging a permission")
            reply = _Reply(500, {"message": "Internal error."})
        body = json.dumps(reply.body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if reply.allow:
            headers.append(("Allow", reply.allow))
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _route(self, environ: dict[str, Any]) -> _Reply:
        method = environ["REQUEST_METHOD"]
        match environ.get("PATH_INFO", "").rstrip("/").rpartition("/")[2]:
            case "is_allowed" if method == "POST":
                return _Reply(200, self._is_allowed(environ))
            case "health" if method in {"GET", "HEAD"}:
                return _Reply(200, {"status": "running"})
            case "is_allowed":
                return _Reply(405, {"message": "Method not allowed."}, "POST")
            case "health":
                return _Reply(405, {"message": "Method not allowed."}, "GET, HEAD")
            case _:
                return _Reply(404, {"message": "No such route."})

    def _is_allowed(self, environ: dict[str, Any]) -> dict[str, Any]:
        inquiry, data = _parse(read_body(environ, MAX_BODY))
        if inquiry.name not in self._rules:
            raise BadRequest(f"There is no action or presenter '{inquiry.name}'.")
        answers = Answers(self._reader)
        outcome = "failed"
        try:
            refusal = evaluate(self._rules[inquiry.name] or nobody, inquiry, data, answers)
            outcome = "allowed" if refusal is None else "refused"
            return _ALLOWED if refusal is None else _refused(refusal)
        finally:
            user_id = None if inquiry.name in DISCREET else inquiry.user_id
            note(environ, user=user_id, rule=inquiry.name, outcome=outcome, reads=answers.reads)


def _unjudged(error: BackendError) -> dict[str, Any]:
    """The message and the code, with the field and the index of the element that are to blame, where they are known."""
    body: dict[str, Any] = {"message": error.message, "code": error.code.value}
    for key, value in (("field", error.field), ("index", error.action_data_error_index)):
        if value is not None:
            body[key] = value
    return body


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {"allowed": False, "reason": refusal.reason, "index": refusal.index}


def _parse(body: bytes) -> tuple[Inquiry, list[dict[str, Any]]]:
    """Who wants to do what, with which data.

    Raises BadRequest if the body isn't what it should be.
    """
    request = parse_json(body)
    if not isinstance(request, dict):
        raise BadRequest("The body must be an object.")
    name, user_id, data = request.get("name"), request.get("user_id"), request.get("data")
    if not isinstance(name, str):
        raise BadRequest("'name' must be a string.")
    if isinstance(user_id, bool) or not isinstance(user_id, int) or not INTERNAL <= user_id <= MAX_ID:
        raise BadRequest("'user_id' must be a user id, 0 or -1.")
    if not isinstance(data, list) or not all(isinstance(element, dict) for element in data):
        raise BadRequest("'data' must be a list of objects.")
    return Inquiry(user_id, name), data
