"""`meeting_user.structure_level` is gone for good."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("meeting_user", "structure_level")
