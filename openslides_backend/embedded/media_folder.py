"""File contents in a folder, for one machine or on a shared file system."""

import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from io import SEEK_SET, RawIOBase
from pathlib import Path
from typing import BinaryIO

from openslides_backend.embedded.media_store import StoredFile


class Content(RawIOBase):
    """The content in a stored file: positions count from its beginning."""

    def __init__(self, stored: BinaryIO) -> None:
        super().__init__()
        self._stored = stored
        self._start = stored.tell()

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, fewer at the end."""
        return self._stored.read(size)

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a position, counted from the beginning only."""
        return self._stored.seek(self._start + offset, whence) - self._start

    def tell(self) -> int:
        """The position."""
        return self._stored.tell() - self._start

    def close(self) -> None:
        """Close the stored file."""
        self._stored.close()
        super().close()


class FolderStore:
    """Contents and mimetypes in a folder, one file for each id (see MediaStore).

    A stored file is a line of JSON with the mimetype, then the content. It replaces an older one of the same id in one
    step, so that readers see the one or the other, also after a crash.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def put(self, file_id: int, mimetype: str, content: Iterable[bytes]) -> None:
        """See MediaStore."""
        target = self._path(file_id)
        temporary = self._temporary(target)
        try:
            with temporary.open("xb") as stream:
                stream.write(json.dumps({"mimetype": mimetype}).encode() + b"\n")
                stream.writelines(content)
                stream.flush()
                os.fsync(stream.fileno())
            self._move(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)

    def duplicate(self, source_id: int, target_id: int) -> bool:
        """See MediaStore."""
        target = self._path(target_id)
        temporary = self._temporary(target)
        try:
            # Stored files are only ever replaced, never written to, so both ids can share one.
            temporary.hardlink_to(self._path(source_id))
            self._move(temporary, target)
        except FileNotFoundError:
            return False
        finally:
            temporary.unlink(missing_ok=True)
        return True

    def open(self, file_id: int) -> StoredFile | None:
        """See MediaStore."""
        try:
            stream = self._path(file_id).open("rb")
        except FileNotFoundError:
            return None
        header = stream.readline()
        stat = os.fstat(stream.fileno())
        etag = f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"
        return StoredFile(Content(stream), json.loads(header)["mimetype"], stat.st_size - len(header), etag)

    def touched(self) -> dict[int, float]:
        """See MediaStore."""
        found = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.isascii() and entry.name.isdigit():
                    with suppress(FileNotFoundError):
                        found[int(entry.name)] = entry.stat().st_ctime
        return found

    def remove(self, file_id: int, touched: float) -> bool:
        """See MediaStore."""
        path = self._path(file_id)
        with suppress(FileNotFoundError):
            if path.stat().st_ctime == touched:
                path.unlink()
                return True
        return False

    def remove_unfinished(self, before: float) -> int:
        """See MediaStore: temporary files of processes that were killed."""
        removed = 0
        for path in self._folder.glob(".*"):
            with suppress(FileNotFoundError):
                if path.stat().st_ctime < before:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, file_id: int) -> Path:
        return self._folder / str(int(file_id))

    @staticmethod
    def _temporary(target: Path) -> Path:
        return target.with_name(f".{target.name}.{secrets.token_hex(8)}")

    def _move(self, temporary: Path, target: Path) -> None:
        temporary.replace(target)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
