"""The collection `resource` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.drop("resource")
