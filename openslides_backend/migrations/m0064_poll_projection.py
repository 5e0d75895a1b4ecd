"""Meetings say how polls of motions are projected."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.set(motion_poll_projection_name_order_first="last_name", motion_poll_projection_max_columns=6)
