"""States set the time at which a motion entered its workflow, not that of its creation."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.rename_field("motion_state", "set_created_timestamp", "set_workflow_timestamp")
    for motion in data.models("motion"):
        if (created := motion.get("created")) is not None:
            motion.set(workflow_timestamp=created)
