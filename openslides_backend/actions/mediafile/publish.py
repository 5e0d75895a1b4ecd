"""Publish files of the organization to its meetings."""

from collections.abc import Sequence

from openslides_backend.actions.mediafile.owned import (
    PUBLISHED,
    FileAction,
    below,
    meeting_of_owner,
    peek_owners_of_parents,
    tree_query,
)
from openslides_backend.actions.mediafile.rules import manages_organization
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import BOOLEAN, Payload
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields


class MediafilePublish(FileAction, UpdateAction):
    """Publish a root file with all that is below it, or take it back with all that it means to meetings."""

    name = "mediafile.publish"
    model = Mediafile
    payload = Payload(Mediafile, required=["id"], extra_required={"publish": BOOLEAN})
    permission = manages_organization
    result_is_null = True
    parts = (Stored("owner_id", "parent_id", "child_ids", "meeting_mediafile_ids", PUBLISHED),)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        owners = peek_owners_of_parents(self.uow, (element["id"] for element in elements))
        return [tree_query(owner_id) for owner_id in dict.fromkeys(owners)]

    def check(self, element: Fields) -> None:
        file = self.stored(element)
        if meeting_of_owner(self.owner(element)) is not None:
            raise BadRequest(f"mediafile/{element['id']} belongs to a meeting.")
        if file["parent_id"] is not None:
            raise BadRequest(f"mediafile/{element['id']} is in a directory, with which it is published.")

    def apply(self, element: Fields) -> None:
        """Write the state of the file and of everything below it, if it is a new one."""
        state = 1 if element["publish"] else None
        if self.stored(element)[PUBLISHED] != state:
            set_published(self, [element["id"], *below(self.uow, [element["id"]])], state)


def set_published(action: FileAction, files: Sequence[int], state: int | None) -> None:
    """Write whether files are published; what isn't any more means nothing to meetings."""
    changes = [{"id": file, PUBLISHED: state} for file in files]
    action.run.relations.load(Mediafile, changes)
    for file in files:
        action.run.relations.update(Mediafile, file, {PUBLISHED: state})
    if state is None:
        remove_links(action, files)


def remove_links(action: FileAction, files: Sequence[int]) -> None:
    """Delete everything that the files mean to meetings."""
    stored = action.uow.get_many("mediafile", files, "meeting_mediafile_ids").values()
    links = dict.fromkeys(id_ for file in stored for id_ in file["meeting_mediafile_ids"] or ())
    action.uow.load("meeting_mediafile", links, "id")
    live = [{"id": id_} for id_ in links if action.uow.is_live("meeting_mediafile", id_)]
    action.execute("meeting_mediafile.delete", live)
