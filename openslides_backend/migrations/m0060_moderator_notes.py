"""Notes for moderators move from the agenda item to the list of speakers, along with their permissions."""

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.permissions import grant

_NAMES = ("can_see_moderator_notes", "can_manage_moderator_notes")
_MOVED = {f"agenda_item.{name}": f"list_of_speakers.{name}" for name in _NAMES}
_SEE_AGENDA = "agenda_item.can_see"
_MORE_THAN_SEE = {"agenda_item.can_see_internal", "agenda_item.can_manage"}


def migrate(data: Data) -> None:
    for item in data.models("agenda_item"):
        _move_notes(data, item)
    for group in data.models("group"):
        _move_permissions(group)


def _move_notes(data: Data, item: Model) -> None:
    notes = item.get("moderator_notes")
    item.pop("moderator_notes")
    target = item.target("content_object_id")
    if not notes:
        return
    content = target and data.find(*target)
    speakers = content and data.find("list_of_speakers", content.id_of("list_of_speakers_id"))
    if speakers is None:
        raise item.failure("moderator_notes", "there is no list of speakers to move them to")
    speakers.set(moderator_notes=notes)


def _move_permissions(group: Model) -> None:
    permissions = group.texts("permissions")
    if _MOVED.keys().isdisjoint(permissions):
        return
    group.set(permissions=list(dict.fromkeys(_MOVED.get(name, name) for name in permissions)))
    if _MORE_THAN_SEE.isdisjoint(permissions):
        grant(group, _SEE_AGENDA)
