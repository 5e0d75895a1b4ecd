"""Meetings say how motions are voted on."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.default("motion_poll_default_method", "YNA")
