"""Who can be on a list of speakers can see it."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.permissions import grant


def migrate(data: Data) -> None:
    for group in data.models("group"):
        permissions = group.texts("permissions")
        if "list_of_speakers.can_be_speaker" in permissions and "list_of_speakers.can_manage" not in permissions:
            grant(group, "list_of_speakers.can_see")
