"""`user.default_number` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("user", "default_number")
