"""Colours of the client (organization.md)."""

from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.parts import Organization
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Theme
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields

_PALETTES = ("primary", "accent", "warn")
_MAIN_SHADE = "500"
_SHADES = ("50", "100", "200", "300", "400", "600", "700", "800", "900", "a100", "a200", "a400", "a700")

_MAIN_COLORS = [f"{palette}_{_MAIN_SHADE}" for palette in _PALETTES]
_OTHER_COLORS = [
    *(f"{palette}_{shade}" for palette in _PALETTES for shade in _SHADES),
    "headbar",
    "yes",
    "no",
    "abstain",
]


class ThemeCreate(CreateAction):
    """Create a theme; the organization keeps its current one."""

    name = "theme.create"
    model = Theme
    payload = Payload(Theme, required=["name"], required_keys=_MAIN_COLORS, optional=_OTHER_COLORS)
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)


class ThemeUpdate(UpdateAction):
    """Change a theme."""

    name = "theme.update"
    model = Theme
    payload = Payload(Theme, required=["id"], optional=["name", *_MAIN_COLORS, *_OTHER_COLORS])
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)


class ThemeDelete(DeleteAction):
    """Delete a theme that the organization doesn't use."""

    name = "theme.delete"
    model = Theme
    permission = oml(Level.CAN_MANAGE_ORGANIZATION)

    organization = Organization("theme_id")

    def check(self, element: Fields) -> None:
        if self.organization.record["theme_id"] == element["id"]:
            raise BadRequest(f"theme/{element['id']} is the theme of the organization, which needs one.")
