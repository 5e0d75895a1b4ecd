"""Logos and fonts of meetings."""

from collections.abc import Sequence
from typing import ClassVar

from openslides_backend.actions.shared.attachments import meeting_mediafiles
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.payload import ID, Payload, Schema
from openslides_backend.models.models import Meeting
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_PLACE: Schema = {"type": "string", "minLength": 1}
_FILE_FIELDS = ("id", "owner_id", "is_directory", "mimetype", "published_to_meetings_in_organization_id", "parent_id")
_RULE = in_meeting(Permissions.Meeting.CAN_MANAGE_LOGOS_AND_FONTS)


class _PlaceAction(UpdateAction):
    """Base of the actions that write the field of a place."""

    model = Meeting
    permission = _RULE
    kind: ClassVar[str]
    """`logo` or `font`."""

    def field(self, element: Fields) -> str:
        """The field of the place that an element names.

        Raises BadRequest if there is no such place.
        """
        name = f"{self.kind}_{element['place']}_id"
        if name not in Meeting.fields:
            raise InvalidField("place", f"there is no {self.kind} '{element['place'][:100]}'.")
        return name


class _SetFile(_PlaceAction):
    payload = Payload(Meeting, required=["id"], extra_required={"place": _PLACE, "mediafile_id": ID})
    mimetypes: ClassVar[tuple[str, ...]]

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        files = sorted({element["mediafile_id"] for element in elements})
        return [GetMany("mediafile", tuple(files), _FILE_FIELDS)]

    def prepare(self, elements: list[Fields]) -> None:
        meetings: dict[int, set[int]] = {}
        for index, element in enumerate(elements):
            self._check_file(index, element)
            meetings.setdefault(element["id"], set()).add(element["mediafile_id"])
        self._links = meeting_mediafiles(self, meetings)

    def fill(self, element: Fields) -> None:
        element[self.field(element)] = self._links[element["id"]][element["mediafile_id"]]

    def _check_file(self, index: int, element: Fields) -> None:
        fqid = make_fqid("mediafile", element["mediafile_id"])
        file = self.uow.get("mediafile", element["mediafile_id"], *_FILE_FIELDS)
        owner = file.get("owner_id", "")
        if owner.startswith("meeting/") and owner != make_fqid("meeting", element["id"]):
            message = f"{fqid} belongs to another meeting."
        elif file.get("is_directory"):
            message = f"{fqid} is a folder."
        elif file.get("mimetype") not in self.mimetypes:
            message = f"{fqid} must be of one of these types: {', '.join(self.mimetypes)}."
        else:
            return
        raise BadRequest(message, action_data_error_index=index)


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
