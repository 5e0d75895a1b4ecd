"""Users of whom it was never said are active."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for user in data.models("user"):
        user.default("is_active", True)
