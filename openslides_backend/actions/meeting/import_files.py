"""Contents of the files of an imported meeting (meeting_clone_import.md, "meeting.import")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openslides_backend.actions.mediafile.types import checked_type
from openslides_backend.actions.mediafile.upload import decoded
from openslides_backend.engine.action import Action
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.progress import counted
from openslides_backend.shared.typing import Fields
from openslides_backend.transfer.findings import Findings
from openslides_backend.transfer.reception import Received

MAX_FILE_SIZE = 200 * 1024 * 1024
"""In bytes: what `mediafile.upload` takes with the default limits, too (http.md)."""


@dataclass(slots=True)
class _Sent:
    """The ids under which the media service has got contents in any try of the batch."""

    ids: set[int] = field(default_factory=set)


def check_files(received: Received) -> None:
    """Raises CheckFailed if a content isn't what its file says."""
    files = received.data.get("mediafile", {})
    Findings(
        f"mediafile/{id_}/{error}" for id_, blob in received.blobs.items() for error in _problems(files[str(id_)], blob)
    ).fail()


def upload_files(action: Action, received: Received, ids: Mapping[int, int]) -> None:
    """Hand the contents over to the media service, under the files' new ids; each once in all tries of the batch.

    Raises BadRequest or ServiceError if it doesn't take one.
    """
    sent, files = action.run.kept(_Sent).ids, received.data.get("mediafile", {})
    contents = [(id_, blob) for id_, blob in received.blobs.items() if blob and ids[id_] not in sent]
    for id_, blob in counted(contents, len(contents)):
        try:
            action.run.services.media.upload_mediafile(blob, ids[id_], files[str(id_)]["mimetype"])
        except BadRequest as error:
            raise BadRequest(f"mediafile/{id_}/blob: {error}") from error
        sent.add(ids[id_])


def _problems(file: Fields, blob: str) -> Iterator[str]:
    if not blob:
        return
    if file.get("is_directory"):
        yield "blob: a folder has no content"
        return
    if len(blob) * 3 // 4 > MAX_FILE_SIZE:
        yield f"blob: is larger than {MAX_FILE_SIZE} bytes"
        return
    try:
        mimetype = checked_type(file.get("filename") or "", decoded(blob))
    except InvalidField as error:
        yield f"{'blob' if error.field == 'file' else error.field}: {error}"
    else:
        if file.get("mimetype") != mimetype:
            yield f"mimetype: must be {mimetype}, which '{file.get('filename')}' stands for"
