"""Copies of files for other meetings (mediafile.md, "mediafile.duplicate_to_another_meeting")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openslides_backend.engine.action import Action, Visibility, blaming
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.run import Results
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields

_COPIED = ("title", "is_directory", "filesize", "filename", "mimetype", "pdf_information")


def _folder(element: Fields) -> Filter:
    return equals(owner_id=element["owner_id"], parent_id=element.get("parent_id"))


@dataclass(slots=True)
class _Copied:
    """The files whose contents the media service has copied in any try of the batch: ids of origin and copy."""

    contents: set[tuple[int, int]] = field(default_factory=set)


class MediafileDuplicateToAnotherMeeting(Action):
    """Duplicate a file, or a folder without what is in it, under an id that the caller has reserved.

    Content that was copied under this id before a conflict is not copied again.
    """

    name = "mediafile.duplicate_to_another_meeting"
    model = Mediafile
    payload = Payload(Mediafile, required=["id", "owner_id"], optional=["parent_id"], extra_required={"origin_id": ID})
    visibility = Visibility.BACKEND_INTERNAL

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        origins = tuple(sorted({element["origin_id"] for element in elements}))
        folders = dict.fromkeys(_folder(element) for element in elements)
        return [GetMany("mediafile", origins, _COPIED), *(filter_query("mediafile", f, "title") for f in folders)]

    def work(self, elements: list[Fields]) -> Results:
        """Store each copy with a title that is new in its folder, then have the contents duplicated."""
        files = []
        for index, element in enumerate(elements):
            with blaming(index):
                origin = self.uow.get("mediafile", element["origin_id"], *_COPIED)
                titles = [m.get("title", "") for m in self.uow.filter("mediafile", _folder(element), "title").values()]
                if "title" in origin:
                    origin["title"] = _unused(origin["title"], titles)
                placed = {name: element[name] for name in ("owner_id", "parent_id") if element.get(name) is not None}
                values = {**origin, **placed, "create_timestamp": self.run.now}
                self.uow.prefetch(self.run.relations.needs(self.model, [values]))
                self.run.relations.create(self.model, element["id"], values)
            if not origin.get("is_directory"):
                files.append((index, element))
        copied = self.run.kept(_Copied).contents
        for index, element in files:
            copy = (element["origin_id"], element["id"])
            if copy not in copied:
                with blaming(index):
                    self.run.services.media.duplicate_mediafile(*copy)
                copied.add(copy)
        return [{"id": element["id"]} for element in elements]


def _unused(title: str, taken: Sequence[str]) -> str:
    """The title, with the next number in brackets if it is taken."""
    if title not in taken:
        return title
    pattern = re.compile(rf"{re.escape(title)} \((\d+)\)")
    numbers = [int(match[1]) for other in taken if (match := pattern.fullmatch(other))]
    return f"{title} ({max(numbers, default=0) + 1})"
