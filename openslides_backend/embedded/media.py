"""The media service for one machine: file contents in a folder (media_service.md)."""

import binascii
import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import SEEK_SET, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast
from unicodedata import category

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.utils import send_file
from werkzeug.wrappers import Request, Response

from openslides_backend.embedded.json_application import (
    Endpoint,
    JsonApplication,
    json_object,
    json_object_with_views,
    json_response,
    logger,
    positive_int,
    text,
)
from openslides_backend.services.http import HttpPool
from openslides_backend.services.tokens import COOKIE_NAME, cookie_header
from openslides_backend.shared.exceptions import BadRequest, NotFound, PermissionDenied, ServiceError
from openslides_backend.shared.slices import base64_slices

# 200 MiB of content are 267 MiB in base64; the rest of the body is small.
MAX_BODY = 270 * 1024 * 1024

_MIMETYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}", re.ASCII)
_NOT_IN_HEADERS = ("Cc", "Cs", "Zl", "Zp")
_PDF = "application/pdf"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""Whatever a file holds, a browser that shows it runs no script and gives it no origin."""
_PDF_POLICY = "script-src 'none'"
"""Browsers don't show PDFs in a sandbox; their viewers run what is in them outside of the page."""
_FILES, _RESOURCES = "files", "resources"


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


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is open at the beginning of its content; `size` in bytes, `etag` changes with the content."""

    stream: Content
    mimetype: str
    size: int
    etag: str


class MediaStore:
    """Contents and mimetypes in a folder, one file for each id; safe to be shared between threads and processes.

    A stored file is a line of JSON with the mimetype, then the content. It replaces an older one of the same id in one
    step, so that readers see the one or the other, also after a crash.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def put(self, file_id: int, mimetype: str, content: Iterable[bytes]) -> None:
        """Store a file, given slice by slice; there may be one with this id.

        Raises what making the content raises: nothing is stored then.
        """
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
        """Give the content of one id to another one, too; False if there is none."""
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
        """The file of an id, None if there is none; the caller closes it."""
        try:
            stream = self._path(file_id).open("rb")
        except FileNotFoundError:
            return None
        header = stream.readline()
        stat = os.fstat(stream.fileno())
        etag = f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"
        return StoredFile(Content(stream), json.loads(header)["mimetype"], stat.st_size - len(header), etag)

    def touched(self) -> dict[int, float]:
        """When, in Unix seconds, each content was uploaded, or last given to or taken from an id that shares it."""
        found = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if entry.name.isascii() and entry.name.isdigit():
                    with suppress(FileNotFoundError):
                        found[int(entry.name)] = entry.stat().st_ctime
        return found

    def remove(self, file_id: int, touched: float) -> bool:
        """Remove the content of an id, unless it has been touched since; whether it was there and is gone."""
        path = self._path(file_id)
        with suppress(FileNotFoundError):
            if path.stat().st_ctime == touched:
                path.unlink()
                return True
        return False

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


class Gatekeeper:
    """Asks the presenter `check_mediafile_id` who may download what.

    `presenter_url` and `auth_url` are base URLs, without a path. A browser that follows a link sends its cookie only;
    the auth service tells the access token that belongs to it.
    """

    def __init__(self, pool: HttpPool, presenter_url: str, auth_url: str) -> None:
        self._pool = pool
        self._presenter_url = f"{presenter_url}/system/presenter/handle_request"
        self._who_am_i_url = f"{auth_url}/system/auth/who-am-i"

    def filename(self, file_id: int, header: str | None, cookie: str | None) -> str | None:
        """The name under which the sender of these credentials may download the file; None where there is no file.

        Raises PermissionDenied, and ServiceError if a service doesn't answer properly.
        """
        headers = {"Cookie": cookie_header(cookie)} if cookie else {}
        if cookie and not header:
            who_am_i = self._pool.post("auth", self._who_am_i_url, b"", headers, repeatable=True)
            header = who_am_i.headers.get("authentication")
        if header:
            headers["authentication"] = header
        question = [{"presenter": "check_mediafile_id", "data": {"mediafile_id": file_id}}]
        answer = self._pool.post(
            "presenter", self._presenter_url, json.dumps(question).encode(), headers, repeatable=True
        )
        if answer.status == 403:
            raise PermissionDenied("You are not allowed to see this file.")
        if answer.status == 400:
            return None
        if answer.status != 200:
            raise ServiceError("The presenter does not answer properly.")
        return _filename(answer.json())


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """`folder` is where the files are kept; downloads need both `presenter_url` and `auth_url` (base URLs)."""

    folder: Path
    presenter_url: str | None = None
    auth_url: str | None = None


class MediaApplication(JsonApplication):
    """The media service; downloads are there only with a gatekeeper."""

    def __init__(self, files: MediaStore, resources: MediaStore, gatekeeper: Gatekeeper | None = None) -> None:
        super().__init__(self._all_routes(), MAX_BODY)
        self._files = files
        self._resources = resources
        self._gatekeeper = gatekeeper

    def _all_routes(self) -> Sequence[tuple[str, str, Endpoint]]:
        internal = "/internal/media"
        return (
            ("GET", "/health", self._health),
            ("GET", f"{internal}/health", self._health),
            ("GET", "/system/media/health", self._health),
            ("POST", f"{internal}/upload_mediafile", self._upload_mediafile),
            ("POST", f"{internal}/upload_resource", self._upload_resource),
            ("POST", f"{internal}/duplicate_mediafile", self._duplicate_mediafile),
            ("GET", "/system/media/get/<int:file_id>", self._get),
        )

    def _health(self, _request: Request) -> Response:
        return _success(status="running")

    def _upload_mediafile(self, request: Request) -> Response:
        return _upload(self._files, request)

    def _upload_resource(self, request: Request) -> Response:
        return _upload(self._resources, request)

    def _duplicate_mediafile(self, request: Request) -> Response:
        body = json_object(request)
        source_id, target_id = positive_int(body, "source_id"), positive_int(body, "target_id")
        if not self._files.duplicate(source_id, target_id):
            # A lost content must not make its meeting one that can't be cloned: the copy is as empty as the original.
            logger.warning("there is no content of mediafile %d to be duplicated", source_id)
        return _success()

    def _get(self, request: Request, file_id: int) -> Response:
        if self._gatekeeper is None:
            raise NotFound("This media service hands out no files.")
        cookie = request.cookies.get(COOKIE_NAME)
        filename = self._gatekeeper.filename(file_id, request.headers.get("authentication"), cookie)
        stored = None if filename is None else self._files.open(file_id)
        if filename is None or stored is None:
            raise NotFound("There is no such file.")
        return _download(request, stored, filename)


def files_of(folder: Path) -> MediaStore:
    """Where the media service keeps the contents of files."""
    return MediaStore(folder / _FILES)


def create_media_application(settings: MediaSettings, pool: HttpPool) -> MediaApplication:
    """The media service as a WSGI application."""
    gatekeeper = None
    if settings.presenter_url is not None and settings.auth_url is not None:
        gatekeeper = Gatekeeper(pool, settings.presenter_url, settings.auth_url)
    return MediaApplication(files_of(settings.folder), MediaStore(settings.folder / _RESOURCES), gatekeeper)


def _upload(store: MediaStore, request: Request) -> Response:
    body = json_object_with_views(request)
    encoded = body.get("file")
    if not isinstance(encoded, memoryview):
        encoded = text(body, "file")
    try:
        # As `mediafile.upload` judges it (mediafile.md): characters outside the alphabet are skipped.
        store.put(positive_int(body, "id"), text(body, "mimetype"), base64_slices(encoded))
    except binascii.Error as error:
        raise BadRequest("'file' is no base64.") from error
    return _success()


def _filename(answer: object) -> str | None:
    """The presenter's answer: one result, `{"ok": true, "filename": ...}` where there is a file to download."""
    result = answer[0] if isinstance(answer, list) and len(answer) == 1 else None
    if not isinstance(result, dict) or not isinstance(result.get("ok"), bool):
        raise ServiceError("The presenter does not answer properly.")
    filename = result.get("filename")
    return filename if result["ok"] is True and isinstance(filename, str) and filename else None


def _download(request: Request, stored: StoredFile, filename: str) -> Response:
    # What an import brings may be no media type at all.
    mimetype = stored.mimetype if _MIMETYPE.fullmatch(stored.mimetype) else "application/octet-stream"
    # Without the server's own file wrapper, which knows nothing of where the content begins.
    response = send_file(
        cast("BinaryIO", stored.stream),
        {},
        mimetype=mimetype,
        download_name=_in_one_line(filename),
        as_attachment=not _is_harmless(mimetype),
        conditional=False,
        etag=stored.etag,
    )
    response.content_length = stored.size
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _PDF_POLICY if mimetype == _PDF else _POLICY
    # Who may see a file changes: it is asked each time, and only the content needn't be sent again.
    response.headers["Cache-Control"] = "private, no-cache"
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=stored.size)
    except RequestedRangeNotSatisfiable:
        stored.stream.close()
        raise
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        stored.stream.close()
    return response


def _in_one_line(filename: str) -> str:
    """The name without what no header can carry: line breaks and other control characters, lone surrogates."""
    return "".join("_" if category(character) in _NOT_IN_HEADERS else character for character in filename)


def _is_harmless(mimetype: str) -> bool:
    """Whether a browser may show it: what could carry scripts would run with the rights of who looks at it."""
    kind, _, name = mimetype.lower().partition("/")
    return name == "pdf" or (kind in {"image", "audio", "video", "font"} and "xml" not in name)


def _success(**more: object) -> Response:
    return json_response({"success": True, **more})
