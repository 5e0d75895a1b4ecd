"""Guests of the organization are called external."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.rename_field("user", "guest", "external")
