"""What the media service needs of the place that it keeps contents in."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import RawIOBase
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is open at the beginning of its content; `size` in bytes, `etag` changes with the content."""

    stream: RawIOBase
    mimetype: str
    size: int
    etag: str


class MediaStore(Protocol):
    """Contents and mimetypes by the ids of files; safe to be shared between threads, processes and machines.

    A content is there in one piece or not at all, also after a crash, and replaces an older one in one step.
    All methods raise ServiceError or OSError if the place can't be reached.
    """

    def put(self, file_id: int, mimetype: str, content: Iterable[bytes]) -> None:
        """Store a file, given slice by slice; there may be one with this id.

        Raises what making the content raises: nothing is stored then.
        """

    def duplicate(self, source_id: int, target_id: int) -> bool:
        """Give the content of one id to another one, too; False if there is none."""

    def open(self, file_id: int) -> StoredFile | None:
        """The file of an id, None if there is none; the caller closes it."""

    def touched(self) -> dict[int, float]:
        """When, in Unix seconds, each content was stored, or last given to or taken from an id that shares it."""

    def remove(self, file_id: int, touched: float) -> bool:
        """Remove the content of an id, unless it has been touched since; whether it was there and is gone."""

    def remove_unfinished(self, before: float) -> int:
        """Remove what is left of uploads that were begun before this time (Unix seconds) and never ended; how many."""
