"""States say whether they set the time of the workflow and allow forwarding."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for state in data.models("motion_state"):
        state.default("set_workflow_timestamp", False)
        state.default("allow_motion_forwarding", False)
