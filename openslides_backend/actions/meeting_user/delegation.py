"""Who may vote for whom: no chains, no loops (user_permissions.md, section 15)."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Part
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import UnitOfWork, models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

DELEGATIONS = ("vote_delegated_to_id", "vote_delegations_from_ids")
_FIELDS = ("id", "meeting_id", "user_id", *DELEGATIONS)


class Delegations(Part):
    """What elements give for the meeting_users with their ids, against the current state."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [models_query("meeting_user", ids_in(elements, *DELEGATIONS), *_FIELDS)]

    def check(self, element: Fields) -> None:
        if element.keys().isdisjoint(DELEGATIONS):
            return
        own = {**self.uow.get("meeting_user", element["id"], *_FIELDS), **element}
        if element.get("vote_delegated_to_id") is not None:
            _check_representative(self.uow, own, element["vote_delegated_to_id"])
        if element.get("vote_delegations_from_ids"):
            _check_represented(self.uow, own, element["vote_delegations_from_ids"])


def _check_representative(uow: UnitOfWork, own: Fields, target_id: int) -> None:
    if target_id == own["id"]:
        raise InvalidField("vote_delegated_to_id", "Nobody can delegate the vote to himself.")
    if own.get("vote_delegations_from_ids"):
        raise InvalidField("vote_delegated_to_id", "Who receives delegations can not delegate the vote.")
    target = _other(uow, own, target_id, "vote_delegated_to_id")
    if target["vote_delegated_to_id"] not in (None, own["id"]):
        raise InvalidField("vote_delegated_to_id", f"meeting_user/{target_id} has delegated the vote itself.")


def _check_represented(uow: UnitOfWork, own: Fields, ids: Sequence[int]) -> None:
    if own.get("vote_delegated_to_id") is not None:
        raise InvalidField("vote_delegations_from_ids", "Who has delegated the vote can not receive delegations.")
    if own["id"] in ids:
        raise InvalidField("vote_delegations_from_ids", "Nobody can delegate the vote to himself.")
    for id_ in ids:
        other = _other(uow, own, id_, "vote_delegations_from_ids")
        if other["vote_delegations_from_ids"] not in (None, [], [own["id"]]):
            raise InvalidField("vote_delegations_from_ids", f"meeting_user/{id_} receives delegations itself.")


def _other(uow: UnitOfWork, own: Fields, id_: int, name: str) -> Fields:
    other = uow.get("meeting_user", id_, *_FIELDS)
    if other["meeting_id"] != own.get("meeting_id"):
        raise InvalidField(name, f"meeting_user/{id_} does not belong to the same meeting.")
    return other
