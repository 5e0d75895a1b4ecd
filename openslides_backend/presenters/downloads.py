"""Whether a file may be downloaded: a question of the media service of former versions."""

from dataclasses import dataclass

from openslides_backend.models.media_types import extension_of_type
from openslides_backend.models.models import MODELS
from openslides_backend.permissions.evaluation import Steps, both, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import Rights, existing, groups_of, manages_meeting, rights_in
from openslides_backend.permissions.rules import everybody
from openslides_backend.presenting.presenter import ID, Presenter, takes
from openslides_backend.services.datastore import FilterModels, GetMany
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import PermissionDenied
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_FILE = ("filename", "is_directory", "mimetype", "owner_id", "token")
_MEETING = ("anonymous_group_id", "enable_anonymous", "user_ids")
_SPECIAL = ("used_as_logo_", "used_as_font_")


class CheckMediafileId(Presenter):
    """The name of a file that the user may download; directories and files without a name are not ok.

    The permission is judged here, since that a file is a directory may be told to everybody.
    """

    name = "check_mediafile_id"
    data = takes({"mediafile_id": ID})
    permission = everybody

    def present(self, data: Fields) -> object:
        mediafile_id = int(data["mediafile_id"])
        file = self.checker.ask(existing("mediafile", mediafile_id, *_FILE))
        if file.get("is_directory"):
            return {"ok": False}
        collection, owner_id = split_fqid(file["owner_id"])
        if collection == "meeting":
            allowed = self.checker.ask(_may_see(self.context.user_id, mediafile_id, owner_id))
            filename = file.get("filename")
        else:
            allowed = bool(file.get("token")) or self.context.user_id > ANONYMOUS
            filename = _name_of_shared(file)
        if not allowed:
            raise PermissionDenied(f"You are not allowed to see mediafile {mediafile_id}.")
        return {"ok": True, "filename": filename} if filename else {"ok": False}


def _name_of_shared(file: ReadOnlyFields) -> str | None:
    """The name of a file of the organization."""
    token: str | None = file.get("token")
    if not token:
        return file.get("filename")
    extension = extension_of_type(file.get("mimetype") or "")
    return f"{token}{extension}" if extension else None


@dataclass(frozen=True, slots=True)
class _Case:
    """A user and a file of a meeting. `use` is the `meeting_mediafile`, empty if there is none."""

    user_id: int
    rights: Rights
    group_ids: frozenset[int]
    meeting: ReadOnlyFields
    manages: bool
    use: ReadOnlyFields
    is_projected: bool

    def may_see(self) -> bool:
        """Whether the user may see the file."""
        return (
            self.rights.is_admin
            or (self._is_special() and self._sees_meeting())
            or (self.is_projected and self.rights.has(Permissions.Projector.CAN_SEE))
            or (self._is_accessible() and self.rights.has(Permissions.Mediafile.CAN_SEE))
        )

    def _is_special(self) -> bool:
        names = (name for name in MODELS["meeting_mediafile"].fields if name.startswith(_SPECIAL))
        return any(self.use.get(name) for name in names)

    def _sees_meeting(self) -> bool:
        is_participant = self.user_id in (self.meeting.get("user_ids") or ())
        return bool(self.meeting.get("enable_anonymous")) or is_participant or self.manages

    def _is_accessible(self) -> bool:
        own = self.group_ids if self.user_id > ANONYMOUS else {self.meeting.get("anonymous_group_id")}
        return bool(self.use.get("is_public")) or not own.isdisjoint(self.use.get("inherited_access_group_ids") or ())


@question
def _may_see(user_id: int, mediafile_id: int, meeting_id: int) -> Steps[bool]:
    meeting = yield from existing("meeting", meeting_id, *_MEETING)
    (rights, group_ids), (manages, (use, is_projected)) = yield from both(
        both(rights_in(user_id, meeting_id), groups_of(user_id, meeting_id)),
        both(manages_meeting(user_id, meeting_id), _use_of(mediafile_id, meeting_id)),
    )
    return _Case(user_id, rights, group_ids, meeting, manages, use, is_projected).may_see()


@question
def _use_of(mediafile_id: int, meeting_id: int) -> Steps[tuple[Fields, bool]]:
    """The `meeting_mediafile` (empty if there is none), and whether it is projected now."""
    (found,) = yield [FilterModels("meeting_mediafile", equals(mediafile_id=mediafile_id, meeting_id=meeting_id))]
    if not found.models:
        return {}, False
    use = found.models[min(found.models)]
    (projections,) = yield [GetMany("projection", tuple(use.get("projection_ids") or ()), ("current_projector_id",))]
    return use, any(projection.get("current_projector_id") for projection in projections.values())
