"""Delete files."""

from collections.abc import Sequence

from openslides_backend.actions.mediafile.owned import FileAction, below, tree_query
from openslides_backend.actions.mediafile.rules import may_manage_files
from openslides_backend.engine.generics import DeleteAction
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.typing import Fields


class MediafileDelete(FileAction, DeleteAction):
    """Delete files, and directories with everything below them; the media service finds out by itself."""

    name = "mediafile.delete"
    model = Mediafile
    payload = Payload(Mediafile, required=["id"])
    permission = may_manage_files
    result_is_null = True

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        ids = {element["id"] for element in elements}
        files = (self.uow.peek("mediafile", id_, "child_ids", "owner_id") for id_ in sorted(ids))
        owners = [f["owner_id"] for f in files if f is not None and not ids.issuperset(f["child_ids"] or ())]
        return [tree_query(owner_id) for owner_id in dict.fromkeys(owners) if owner_id is not None]

    def prepare(self, elements: list[Fields]) -> None:
        ids = [element["id"] for element in elements]
        self._below = [id_ for id_ in below(self.uow, ids) if id_ not in set(ids)]

    def follow_up(self, elements: Sequence[Fields]) -> None:
        live = [{"id": id_} for id_ in self._below if self.uow.is_live("mediafile", id_)]
        self.execute("mediafile.delete", live)
