"""Forget what history tells."""

from collections.abc import Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Matching
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Organization
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.filters import FieldFilter
from openslides_backend.shared.typing import Fields


class OrganizationDeleteHistoryInformation(Action):
    """Delete all that history has told so far, about archived meetings, too."""

    name = "organization.delete_history_information"
    model = Organization
    payload = Payload(Organization, required=["id"])
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)
    archived_exempt = True
    positions = Matching("history_position", lambda _: FieldFilter("id", "!=", None))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        self.execute("history_position.delete", [{"id": id_} for id_ in self.positions.of(elements[0])])
