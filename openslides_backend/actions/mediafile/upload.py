"""Upload files."""

import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from openslides_backend.actions.mediafile.creation import CreatesFile
from openslides_backend.actions.mediafile.owned import meeting_of_owner
from openslides_backend.actions.mediafile.pdf import pdf_information
from openslides_backend.actions.mediafile.placement import same_token
from openslides_backend.actions.mediafile.rules import may_manage_files
from openslides_backend.actions.mediafile.types import checked_type
from openslides_backend.engine.action import Part, blaming
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Mediafile
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.slices import base64_slices
from openslides_backend.shared.typing import Fields

_PDF = "application/pdf"


class Replacement(Part):
    """A file of the organization with the same token gives way to the new one."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        for element in elements:
            if element.get("token"):
                yield filter_query("mediafile", same_token(element["token"]), "id")

    def prepare(self, elements: list[Fields]) -> None:
        replaced = dict.fromkeys(id_ for element in elements for id_ in self._replaced(element))
        self.action.execute("mediafile.delete", [{"id": id_} for id_ in replaced])

    def check(self, element: Fields) -> None:
        # That a token is given twice, or belongs to several files already, shows where it must be unique.
        if "token" in element and element["token"] is None:
            raise InvalidField("token", "it must be a text.")

    def _replaced(self, element: Fields) -> list[int]:
        if not element.get("token") or meeting_of_owner(element["owner_id"]) is not None:
            return []
        holders = list(self.uow.filter("mediafile", same_token(element["token"]), "id"))
        return holders if len(holders) == 1 else []


@dataclass(slots=True)
class _Sent:
    """Contents that the media service has got: what was sent under which id, in the order of sending."""

    ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Position:
    """How many files of the batch have got their ids in this try."""

    count: int = 0


class Content(Part):
    """The content of new files: checked here, kept by the media service."""

    def prepare(self, elements: list[Fields]) -> None:
        # A try that a lock conflict ended has sent the contents already: they keep their ids, so that none is lost.
        sent, position = self.run.kept(_Sent), self.run.state(_Position)
        self._known = list[bool]()
        self._told = Fields()
        for element in elements:
            known = position.count < len(sent.ids)
            self._known.append(known)
            if known:
                element["id"] = sent.ids[position.count]
            position.count += 1

    def check(self, element: Fields) -> None:
        content = decoded(element["file"])
        mimetype = checked_type(element["filename"], content)
        pages = {"pdf_information": pdf_information(content)} if mimetype == _PDF else {}
        self._told = {"filesize": len(content), "mimetype": mimetype, **pages}

    def fill(self, element: Fields) -> None:
        element.update(self._told)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        sent = self.run.kept(_Sent)
        for index, (element, known) in enumerate(zip(elements, self._known, strict=True)):
            if not known:
                with blaming(index):
                    self.run.services.media.upload_mediafile(element["file"], element["id"], element["mimetype"])
                sent.ids.append(element["id"])


def decoded(file: str) -> bytearray:
    """The content of a file that was sent as base64.

    Raises InvalidField (400) if it is none.
    """
    content = bytearray()
    try:
        for piece in base64_slices(file):
            content += piece
    except binascii.Error as error:
        raise InvalidField("file", "it is no base64.") from error
    return content


class MediafileUpload(CreatesFile):
    """Store a file, seen by those who may see the directory that it is in, and narrowed down to its own groups."""

    name = "mediafile.upload"
    model = Mediafile
    payload = Payload(
        Mediafile,
        required=["owner_id", "filename"],
        required_keys=["title"],
        optional=["token", "parent_id"],
        extra_required={"file": {"type": "string"}},
    )
    permission = may_manage_files
    withheld = ("file",)
    parts = (Replacement(), Content())
