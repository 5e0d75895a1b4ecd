"""Who can manage motions, or elections, can manage their polls, which is a permission of its own."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.permissions import grant


def migrate(data: Data) -> None:
    for group in data.models("group"):
        permissions = group.texts("permissions")
        for collection in ("motion", "assignment"):
            if f"{collection}.can_manage" in permissions:
                grant(group, f"{collection}.can_manage_polls")
