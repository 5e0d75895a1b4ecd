"""Groups get a weight."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for group in data.models("group"):
        group.set(weight=group.id)
