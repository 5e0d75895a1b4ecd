"""Coloured labels of committees and meetings (organization.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import OrganizationTag
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml


class OrganizationTagCreate(CreateAction):
    """Create a tag."""

    name = "organization_tag.create"
    model = OrganizationTag
    payload = Payload(OrganizationTag, required=["name", "color", "organization_id"])
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)


class OrganizationTagUpdate(UpdateAction):
    """Rename a tag, or give it another colour."""

    name = "organization_tag.update"
    model = OrganizationTag
    payload = Payload(OrganizationTag, required=["id"], optional=["name", "color"])
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)


class OrganizationTagDelete(DeleteAction):
    """Delete a tag; it vanishes from committees and meetings, archived ones included."""

    name = "organization_tag.delete"
    model = OrganizationTag
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)
