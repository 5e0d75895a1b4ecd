"""`publish_immediately` of polls and options and `user.meeting_id` are gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("poll", "publish_immediately")
    data.remove_fields("option", "publish_immediately")
    data.remove_fields("user", "meeting_id")
