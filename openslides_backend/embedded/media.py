"""The embedded media service (media_service.md): contents come from actions, and go to who may see them."""

import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast
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
from openslides_backend.embedded.media_folder import FolderStore
from openslides_backend.embedded.media_store import MediaStore, StoredFile
from openslides_backend.environment import BucketSettings, ConfigurationError
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
    """Files are kept in the `folder`, or in the `bucket` if there is one.

    Downloads need both `presenter_url` and `auth_url` (base URLs).
    """

    folder: Path
    presenter_url: str | None = None
    auth_url: str | None = None
    bucket: BucketSettings | None = None


class MediaApplication(JsonApplication):
    """The media service; downloads are there only with a gatekeeper. `files` are the contents of files."""

    def __init__(self, files: MediaStore, resources: MediaStore, gatekeeper: Gatekeeper | None = None) -> None:
        super().__init__(self._all_routes(), MAX_BODY)
        self.files = files
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
        return _upload(self.files, request)

    def _upload_resource(self, request: Request) -> Response:
        return _upload(self._resources, request)

    def _duplicate_mediafile(self, request: Request) -> Response:
        body = json_object(request)
        source_id, target_id = positive_int(body, "source_id"), positive_int(body, "target_id")
        if not self.files.duplicate(source_id, target_id):
            # A lost content must not make its meeting one that can't be cloned: the copy is as empty as the original.
            logger.warning("there is no content of mediafile %d to be duplicated", source_id)
        return _success()

    def _get(self, request: Request, file_id: int) -> Response:
        if self._gatekeeper is None:
            raise NotFound("This media service hands out no files.")
        cookie = request.cookies.get(COOKIE_NAME)
        filename = self._gatekeeper.filename(file_id, request.headers.get("authentication"), cookie)
        stored = None if filename is None else self.files.open(file_id)
        if filename is None or stored is None:
            raise NotFound("There is no such file.")
        return _download(request, stored, filename)


def open_stores(settings: MediaSettings) -> tuple[MediaStore, MediaStore]:
    """Where the contents of files are kept, and those of resources.

    Raises ConfigurationError if the library for buckets is needed and missing, ServiceError if its settings are wrong.
    """
    if settings.bucket is None:
        return FolderStore(settings.folder / _FILES), FolderStore(settings.folder / _RESOURCES)
    try:
        # Loading it takes longer than everything else together.
        buckets: Any = import_module("openslides_backend.embedded.media_bucket")
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"MEDIA_STORAGE_URL needs requirements/s3.txt to be installed: {error}.") from None
    client, bucket = buckets.connect(settings.bucket), settings.bucket
    files, resources = (
        buckets.BucketStore(client, bucket.name, f"{bucket.prefix}{kind}/") for kind in (_FILES, _RESOURCES)
    )
    return files, resources


def create_media_application(settings: MediaSettings, pool: HttpPool) -> MediaApplication:
    """The media service as a WSGI application; raises as `open_stores` does."""
    gatekeeper = None
    if settings.presenter_url is not None and settings.auth_url is not None:
        gatekeeper = Gatekeeper(pool, settings.presenter_url, settings.auth_url)
    return MediaApplication(*open_stores(settings), gatekeeper)


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
