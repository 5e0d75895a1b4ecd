"""A meeting is active or archived, never both."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        if meeting.get("is_active_in_organization_id"):
            meeting.pop("is_archived_in_organization_id")
