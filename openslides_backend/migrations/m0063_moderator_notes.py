"""`agenda_item.moderator_notes` is gone for good."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("agenda_item", "moderator_notes")
