"""Copies of files for other meetings (mediafile.md, "mediafile.duplicate_to_another_meeting")."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from openslides_backend.engine.action import Part, Visibility, blaming
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.payload import ID, Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

_COPIED = ("title", "is_directory", "filesize", "filename", "mimetype", "pdf_information")


class Origin(Part):
    """The values that a copy takes over, with a title that is new in its folder."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        yield GetMany("mediafile", tuple(sorted({element["origin_id"] for element in elements})), _COPIED)
        for folder in dict.fromkeys(_folder(element) for element in elements):
            yield filter_query("mediafile", folder, "title")

    def prepare(self, elements: list[Fields]) -> None:
        self._titles = {folder: self._titles_in(folder) for folder in dict.fromkeys(map(_folder, elements))}

    def check(self, element: Fields) -> None:
        self.of(element)

    def fill(self, element: Fields) -> None:
        values = {name: value for name in _COPIED if (value := self.of(element)[name]) is not None}
        if "title" in values:
            titles = self._titles[_folder(element)]
            values["title"] = _unused(values["title"], titles)
            titles.add(values["title"])
        element.update(values, create_timestamp=self.run.now)

    def of(self, element: Fields) -> Record:
        """The original.

        Raises ModelDoesNotExist.
        """
        return self.uow.get("mediafile", element["origin_id"], *_COPIED)

    def _titles_in(self, folder: Filter) -> set[str]:
        return {file["title"] for file in self.uow.filter("mediafile", folder, "title").values() if file["title"]}


@dataclass(slots=True)
class _Copied:
    """The files whose contents the media service has copied in any try of the batch: ids of origin and copy."""

    contents: set[tuple[int, int]] = field(default_factory=set)


class DuplicatedContent(Part):
    """The media service gives the copies the contents of their originals, after all checks.

    Content that was copied under an id before a conflict is not copied again.
    """

    def follow_up(self, elements: Sequence[Fields]) -> None:
        copied = self.run.kept(_Copied).contents
        for index, element in enumerate(elements):
            copy = (element["origin_id"], element["id"])
            if not element.get("is_directory") and copy not in copied:
                with blaming(index):
                    self.run.services.media.duplicate_mediafile(*copy)
                copied.add(copy)


class MediafileDuplicateToAnotherMeeting(CreateAction):
    """Duplicate a file, or a folder without what is in it, under an id that the caller has reserved."""

    name = "mediafile.duplicate_to_another_meeting"
    model = Mediafile
    payload = Payload(Mediafile, required=["id", "owner_id"], optional=["parent_id"], extra_required={"origin_id": ID})
    visibility = Visibility.BACKEND_INTERNAL
    parts = (Origin(), DuplicatedContent())


def _folder(element: Fields) -> Filter:
    return equals(owner_id=element["owner_id"], parent_id=element.get("parent_id"))


def _unused(title: str, taken: Set[str]) -> str:
    """The title, with the next number in brackets if it is taken."""
    if title not in taken:
        return title
    pattern = re.compile(rf"{re.escape(title)} \((\d+)\)")
    numbers = [int(match[1]) for other in taken if (match := pattern.fullmatch(other))]
    return f"{title} ({max(numbers, default=0) + 1})"
