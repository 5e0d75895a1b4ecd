"""`meeting.users_sort_by` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("meeting", "users_sort_by")
