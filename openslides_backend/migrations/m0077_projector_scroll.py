"""Projectors never scroll above their beginning."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for projector in data.models("projector"):
        scroll = projector.integer("scroll")
        if scroll is not None and scroll < 0:
            projector.set(scroll=0)
