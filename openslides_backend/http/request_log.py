"""One line a request: component, user, actions or presenters, status, milliseconds, calls to the datastore."""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from openslides_backend.services.datastore_http import READER, WRITER
from openslides_backend.shared.request_log import DISCREET, log_line, told

logger = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z0-9_]{1,63})?")
_MAX_NAMES = 10


@dataclass(slots=True)
class RequestNotes:
    """What is told about a request, gathered on its way.

    `user_id` is None as long as the credentials weren't accepted; `names` are those of the actions or presenters, as
    the client sent them; `calls` counts the calls to other services by their name; `reason` is the class of the error,
    if the request was refused.
    """

    user_id: int | None = None
    names: Sequence[str] = ()
    calls: Counter[str] = field(default_factory=Counter)
    reason: str = ""


def log_request(component: str, notes: RequestNotes, status: int, seconds: float, *, quiet: bool = False) -> None:
    """Log the line of a request that was answered after so many seconds; at level debug if `quiet`."""
    level = logging.DEBUG if quiet else logging.INFO
    if not logger.isEnabledFor(level):
        return
    who = {"user": notes.user_id if DISCREET.isdisjoint(notes.names) else None}
    names = _safe(notes.names)
    outcome: dict[str, object] = {
        "status": status,
        "ms": round(seconds * 1000, 1),
        "datastore_calls": notes.calls[READER] + notes.calls[WRITER],
    }
    if notes.reason:
        outcome["reason"] = notes.reason
    line = f"{component} {told(who)} {names} {told(outcome)}"
    log_line(logger, level, line, {"component": component, **who, "names": names, **outcome})


def _safe(names: Sequence[str]) -> str:
    """The names in one text; what can't be a name is not told, and long lists are cut."""
    told = [name if _NAME.fullmatch(name) else "?" for name in names[:_MAX_NAMES]]
    if len(names) > _MAX_NAMES:
        told.append(f"+{len(names) - _MAX_NAMES}")
    return ",".join(told) or "-"
