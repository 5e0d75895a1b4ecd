"""Forget what history tells."""

from collections.abc import Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Organization
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.services.datastore import Query
from openslides_backend.shared.filters import FieldFilter
from openslides_backend.shared.typing import Fields

_ALL = FieldFilter("id", "!=", None)


class OrganizationDeleteHistoryInformation(Action):
    """Delete all that history has told so far, about archived meetings, too."""

    name = "organization.delete_history_information"
    model = Organization
    payload = Payload(Organization, required=["id"])
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)
    archived_exempt = True

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [filter_query("history_position", _ALL, "id")]

    def work(self, elements: list[Fields]) -> Results:
        """Delete all positions, and their entries with them."""
        positions = self.uow.filter("history_position", _ALL, "id")
        self.execute("history_position.delete", [{"id": id_} for id_ in positions])
        return [None for _ in elements]
