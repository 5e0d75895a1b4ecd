"""What polls tell the history of what they are about (poll.md, "History and touching")."""

from collections.abc import Iterable, Sequence

from openslides_backend.engine.action import Part
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields


class PollHistory(Part):
    """One note on each content object, and a sign that it has changed.

    `touching`: also what has no history counts as changed.
    """

    stored_fields = ("content_object_id",)

    def __init__(self, participle: str, *, touching: bool = True) -> None:
        self._participle = participle
        self._touching = touching

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        for element in elements:
            poll = self.uow.peek("poll", element["id"], "content_object_id") if "id" in element else None
            if self._touching and poll and poll["content_object_id"]:
                collection, id_ = split_fqid(poll["content_object_id"])
                yield GetMany(collection, (id_,), ("id", "meeting_id"))

    def participle(self, element: Fields) -> str:
        """What was done with the poll."""
        return self._participle

    def tell_history(self, elements: Sequence[Fields]) -> None:
        told: set[str] = set()
        for element in elements:
            fqid = self.uow.last_value("poll", element["id"], "content_object_id")
            # In a cascade each poll is told of, as if it were deleted by itself.
            if fqid is None or (fqid in told and not self.action.nested):
                continue
            told.add(fqid)
            collection, id_ = split_fqid(fqid)
            subject = "Ballot" if collection == "assignment" else "Voting"
            self.action.tell(fqid, f"{subject} {self.participle(element)}")
            if self._touching and self.uow.exists(collection, id_):
                self.uow.update(collection, id_, {"id": id_})
