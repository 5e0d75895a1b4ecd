"""`motion.sort_children_ids` gets another name."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.rename_field("motion", "sort_children_ids", "sort_child_ids")
