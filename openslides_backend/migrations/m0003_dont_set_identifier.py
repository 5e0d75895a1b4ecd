"""`motion_state.dont_set_identifier` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("motion_state", "dont_set_identifier")
