"""Logos and fonts of meetings."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from openslides_backend.actions.shared.attachments import Links, link_reads
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Related
from openslides_backend.engine.payload import ID, Payload, Schema
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_PLACE: Schema = {"type": "string", "minLength": 1}
_RULE = in_meeting(Permissions.Meeting.CAN_MANAGE_LOGOS_AND_FONTS)


class _PlaceAction(UpdateAction):
    """Base of the actions that write the field of a place."""

    model = Meeting
    permission = _RULE
    kind: ClassVar[str]
    """`logo` or `font`."""

    def check(self, element: Fields) -> None:
        if self.field(element) not in Meeting.fields:
            raise InvalidField("place", f"there is no {self.kind} '{element['place'][:100]}'.")

    def field(self, element: Fields) -> str:
        """The field of the place that an element names."""
        return f"{self.kind}_{element['place']}_id"


def _files(elements: Sequence[Fields]) -> dict[int, set[int]]:
    """The files that become used, by meeting."""
    files: dict[int, set[int]] = {}
    for element in elements:
        files.setdefault(element["id"], set()).add(element["mediafile_id"])
    return files


class _SetFile(_PlaceAction):
    payload = Payload(Meeting, required=["id"], extra_required={"place": _PLACE, "mediafile_id": ID})
    mimetypes: ClassVar[tuple[str, ...]]

    file = Related("mediafile_id", "owner_id", "is_directory", "mimetype", collection="mediafile")

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return link_reads(_files(elements))

    def prepare(self, elements: list[Fields]) -> None:
        self._links = Links(self, _files(elements))
        self._links.create()

    def check(self, element: Fields) -> None:
        super().check(element)
        (file,) = self.file.all_of(element)
        owner = file["owner_id"] or ""
        fqid = make_fqid("mediafile", element["mediafile_id"])
        if owner.startswith("meeting/") and owner != make_fqid("meeting", element["id"]):
            raise InvalidField("mediafile_id", f"{fqid} belongs to another meeting.")
        if file["is_directory"]:
            raise InvalidField("mediafile_id", f"{fqid} is a folder.")
        if file["mimetype"] not in self.mimetypes:
            types = ", ".join(self.mimetypes)
            raise InvalidField("mediafile_id", f"{fqid} must be of one of these types: {types}.")
        self._links.check((element["id"], element["mediafile_id"]), "mediafile_id")

    def fill(self, element: Fields) -> None:
        element[self.field(element)] = self._links.ids[element["id"], element["mediafile_id"]]


class _UnsetFile(_PlaceAction):
    payload = Payload(Meeting, required=["id"], extra_required={"place": _PLACE})

    def fill(self, element: Fields) -> None:
        element[self.field(element)] = None


class MeetingSetLogo(_SetFile):
    """Use an image as a logo."""

    name = "meeting.set_logo"
    kind = "logo"
    mimetypes = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")


class MeetingUnsetLogo(_UnsetFile):
    """Use no image as a logo any more."""

    name = "meeting.unset_logo"
    kind = "logo"


class MeetingSetFont(_SetFile):
    """Use a file as a font."""

    name = "meeting.set_font"
    kind = "font"
    mimetypes = ("font/ttf", "font/woff", "application/font-woff", "application/font-sfnt")


class MeetingUnsetFont(_UnsetFile):
    """Use no file as a font any more."""

    name = "meeting.unset_font"
    kind = "font"
