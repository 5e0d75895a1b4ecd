"""`meeting.enable_chat` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("meeting", "enable_chat")
