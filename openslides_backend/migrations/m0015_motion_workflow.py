"""`motion.workflow_id` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("motion", "workflow_id")
