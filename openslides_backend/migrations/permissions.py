"""Permissions of groups."""

from openslides_backend.migrations.data import Model


def grant(group: Model, permission: str) -> None:
    """Add a permission to the group's, unless it is there."""
    permissions = group.texts("permissions")
    if permission not in permissions:
        group.set(permissions=[*permissions, permission])
