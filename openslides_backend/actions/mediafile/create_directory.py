"""Create directories."""

from openslides_backend.actions.mediafile.creation import CreatesFile
from openslides_backend.actions.mediafile.rules import may_manage_files
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Mediafile
from openslides_backend.shared.typing import Fields


class MediafileCreateDirectory(CreatesFile):
    """Create a directory, seen by those who may see the one that it is in, and narrowed down to its own groups."""

    name = "mediafile.create_directory"
    model = Mediafile
    payload = Payload(Mediafile, required=["owner_id"], required_keys=["title"], optional=["parent_id"])
    permission = may_manage_files

    def fill(self, element: Fields) -> None:
        element["is_directory"] = True
