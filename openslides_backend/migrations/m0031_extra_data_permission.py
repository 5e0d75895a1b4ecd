"""The permission `user.can_see_extra_data` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for group in data.models("group"):
        permissions = group.texts("permissions")
        if "user.can_see_extra_data" in permissions:
            group.set(permissions=[name for name in permissions if name != "user.can_see_extra_data"])
