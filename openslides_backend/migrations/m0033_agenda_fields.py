"""Content objects no longer keep what their agenda item was created with."""

from openslides_backend.migrations.data import Data

_FIELDS = (
    "agenda_create",
    "agenda_type",
    "agenda_parent_id",
    "agenda_comment",
    "agenda_duration",
    "agenda_weight",
)


def migrate(data: Data) -> None:
    for collection in ("assignment", "motion", "motion_block", "topic"):
        data.remove_fields(collection, *_FIELDS)
