"""The client of the permission service (permissions.md): whatever isn't a clear yes is no."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from openslides_backend.services.http import HttpPool
from openslides_backend.services.transport import HttpAnswer
from openslides_backend.shared.exceptions import BadRequest, ErrorCode, PermissionDenied, ServiceError
from openslides_backend.shared.pending import Pending

_SERVICE = "permission"
_RUBBISH = "The permission service does not answer properly."


class PermissionService(Protocol):
    """Judges who may do what."""

    def begin_check(self, name: str, user_id: int, data: Sequence[Mapping[str, object]]) -> Pending[None]:
        """Ask whether the user may run this action or presenter with all of this data.

        The result is nothing if they may, else PermissionDenied (with the index of the element where one is to blame),
        BadRequest if the data can't be judged, or ServiceError if there is no proper answer.
        """


class PermissionClient:
    """Asks the permission service over HTTP; `url` is its base URL."""

    def __init__(self, pool: HttpPool, url: str) -> None:
        self._pool = pool
        self._url = f"{url}/is_allowed"

    def begin_check(self, name: str, user_id: int, data: Sequence[Mapping[str, object]]) -> Pending[None]:
        """See PermissionService."""
        question = json.dumps({"name": name, "user_id": user_id, "data": data}).encode()
        pending = self._pool.begin(_SERVICE, "POST", self._url, question, repeatable=True)
        return pending.then(partial(_judge, name, len(data)))


def _judge(name: str, amount: int, answer: HttpAnswer) -> None:
    """Return if the answer is a clear yes to a question about so many elements."""
    body = answer.json()
    if answer.status == 400 and isinstance(body, dict) and isinstance(body.get("message"), str):
        raise BadRequest(
            body["message"], field=_field(body), code=_code(body), action_data_error_index=_index(body, amount)
        )
    if answer.status != 200:
        raise ServiceError(_RUBBISH)
    verdict = body if isinstance(body, dict) else {"allowed": body}
    if verdict.get("allowed") is True:
        return
    if verdict.get("allowed") is not False:
        raise ServiceError(_RUBBISH)
    reason = verdict.get("reason")
    message = reason if isinstance(reason, str) and reason else f"You are not allowed to perform {name}."
    raise PermissionDenied(message, action_data_error_index=_index(verdict, amount))


def _field(body: Mapping[str, object]) -> str | None:
    field = body.get("field")
    return field if isinstance(field, str) else None


def _code(body: Mapping[str, object]) -> ErrorCode | None:
    """The code of our own permission service; another one may know none, or others."""
    code = body.get("code")
    return ErrorCode(code) if isinstance(code, str) and code in list(ErrorCode) else None


def _index(body: Mapping[str, object], length: int) -> int | None:
    index = body.get("index")
    is_index = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < length
    return index if is_index and isinstance(index, int) else None
