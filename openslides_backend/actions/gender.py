"""Genders that users can choose (organization.md)."""

from openslides_backend.actions.shared.unique import Unique
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Gender
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

_DEFAULT_GENDERS = range(1, 5)
"""Those of the initial data, which everybody relies on."""


class _NoDefault(Part):
    """The default genders stay as they are, but for what the service does itself."""

    def check(self, element: Fields) -> None:
        if element["id"] in _DEFAULT_GENDERS and not self.run.context.internal:
            raise BadRequest(f"gender/{element['id']} is one of the default genders, which stay as they are.")


class GenderCreate(CreateAction):
    """Create a gender."""

    name = "gender.create"
    model = Gender
    payload = Payload(Gender, required=["name"])
    permission = oml(Level.CAN_MANAGE_USERS)
    parts = (Unique("name", early=True),)


class GenderUpdate(UpdateAction):
    """Rename a gender that isn't one of the default ones."""

    name = "gender.update"
    model = Gender
    payload = Payload(Gender, required=["id", "name"])
    permission = oml(Level.CAN_MANAGE_USERS)
    parts = (Unique("name", early=True), _NoDefault())


class GenderDelete(DeleteAction):
    """Delete a gender that isn't one of the default ones; its users have none then."""

    name = "gender.delete"
    model = Gender
    permission = oml(Level.CAN_MANAGE_USERS)
    parts = (_NoDefault(),)
