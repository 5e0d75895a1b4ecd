"""`meeting.template_for_committee_id` is gone."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    data.remove_fields("meeting", "template_for_committee_id")
