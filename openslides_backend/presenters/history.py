"""Questions on what was done to models."""

from collections import defaultdict

from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import models
from openslides_backend.permissions.rules import oml
from openslides_backend.presenting.presenter import Presenter, takes
from openslides_backend.services.datastore import FilterModels, GetMany
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import is_fqid
from openslides_backend.shared.typing import Fields, Models

_UNKNOWN_USER = "unknown user"


class GetHistoryInformation(Presenter):
    """What was done to a model, and by whom; also after it was deleted."""

    name = "get_history_information"
    data = takes({"fqid": {"type": "string"}})
    permission = oml(Level.SUPERADMIN)

    def present(self, data: Fields) -> object:
        if not is_fqid(data["fqid"]):
            raise PayloadError("'fqid' must be an fqid.", field="fqid")
        return self.checker.ask(_history(data["fqid"]))


@question
def _history(fqid: str) -> Steps[list[Fields]]:
    """The positions that told about a model, in three reads."""
    (own,) = yield [FilterModels("history_entry", equals(original_model_id=fqid), ("position_id",))]
    position_ids = sorted({entry["position_id"] for entry in own.models.values() if entry.get("position_id")})
    positions = yield from models("history_position", position_ids, "entry_ids", "original_user_id", "timestamp")
    entry_ids = {id_ for position in positions.values() for id_ in position.get("entry_ids") or ()}
    user_ids = {position.get("original_user_id") or 0 for position in positions.values()}
    entries, users = yield [
        GetMany("history_entry", tuple(sorted(entry_ids)), ("entries", "original_model_id")),
        GetMany("user", tuple(sorted(id_ for id_ in user_ids if id_ > 0)), ("username",)),
    ]
    return [
        {
            "position": id_,
            "timestamp": position.get("timestamp"),
            "user": users.get(position.get("original_user_id"), {}).get("username") or _UNKNOWN_USER,
            "information": _information(position.get("entry_ids") or (), entries),
        }
        for id_, position in sorted(positions.items())
    ]


def _information(entry_ids: list[int] | tuple[int, ...], entries: Models) -> dict[str, list[str]]:
    told: defaultdict[str, list[str]] = defaultdict(list)
    for id_ in entry_ids:
        if (entry := entries.get(id_)) is not None:
            told[entry["original_model_id"]] += entry.get("entries") or ()
    return dict(told)
