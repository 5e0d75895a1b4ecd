"""What may be shown, and which meeting models belong to (projector.md, "Shared rules")."""

from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.projector.lists import ListField, Place, Weights
from openslides_backend.actions.shared.attachments import Links, link_reads
from openslides_backend.engine.action import Action, Part, blaming
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.payload import IDS, Payload, Schema
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.fields import FQID_PATTERN
from openslides_backend.models.models import Projection
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields

OPTIONS = ("options", "stable", "type")
"""Fields of a projection that the actions which show something take as they are."""

_BELONGING = {"meeting": "id", "mediafile": "owner_id", "user": "meeting_ids"}
"""Fields that say which meeting a model belongs to, where that isn't `meeting_id`."""
_FQID: Schema = {"type": "string", "pattern": FQID_PATTERN}


def content_payload(ids: Schema = IDS, extra_optional: Mapping[str, Schema] | None = None) -> Payload:
    """Payload of an action that shows a content object on the projectors `ids`."""
    return Payload(
        Projection,
        required=["meeting_id"],
        optional=OPTIONS,
        extra_required={"ids": ids, "content_object_id": _FQID},
        extra_optional=extra_optional,
    )


class Content(Part):
    """What the elements show, and on which projectors: all of it belongs to the elements' meetings.

    `weights` are those of the lists of projectors that get longer. Unless told otherwise, files are replaced by what
    they are in the meeting.
    """

    def __init__(self, list_field: ListField, *, files: bool = True) -> None:
        self.list_field = list_field
        self.files = files

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return [*self._models(elements), *Weights(self.action, self.list_field).needs(places(elements))]

    def prepare(self, elements: list[Fields]) -> None:
        if self.files:
            _use_meeting_mediafiles(self.action, elements)
        self.uow.prefetch(self._models(elements))
        self.weights = Weights(self.action, self.list_field)

    def check(self, element: Fields) -> None:
        targets = [split_fqid(element["content_object_id"]), *(("projector", id_) for id_ in element["ids"])]
        for collection, id_ in targets:
            if not _belongs(self.action, collection, id_, element["meeting_id"]):
                fqid = make_fqid(collection, id_)
                key = "ids" if collection == "projector" and id_ in element["ids"] else "content_object_id"
                raise BadRequest(f"{fqid} does not belong to meeting {element['meeting_id']}.", field=key)

    def _models(self, elements: Sequence[Fields]) -> list[Query]:
        wanted: dict[str, set[int]] = {"projector": set(ids_in(elements, "ids"))}
        for element in elements:
            collection, id_ = split_fqid(element["content_object_id"])
            wanted.setdefault(collection, set()).add(id_)
        return [
            models_query(collection, ids, "id", name)
            for collection, ids in wanted.items()
            if ids and (name := _meeting_field(self.action, collection)) is not None
        ]


def places(elements: Sequence[Fields]) -> list[Place]:
    """Where the elements want to show something."""
    return list(dict.fromkeys((element["meeting_id"], id_) for element in elements for id_ in element["ids"]))


def _use_meeting_mediafiles(action: Action, elements: Sequence[Fields]) -> None:
    """Replace files as content objects by what they are in the meeting.

    Raises BadRequest for files that don't belong to it.
    """
    wanted = {n: (e["meeting_id"], *split_fqid(e["content_object_id"])) for n, e in enumerate(elements)}
    shown = {n: (meeting_id, id_) for n, (meeting_id, collection, id_) in wanted.items() if collection == "mediafile"}
    files: dict[int, set[int]] = {}
    for meeting_id, file in shown.values():
        files.setdefault(meeting_id, set()).add(file)
    action.uow.prefetch(link_reads(files))
    links = Links(action, files)
    for n, link in shown.items():
        with blaming(n):
            links.check(link, "content_object_id")
    links.create()
    for n, link in shown.items():
        elements[n]["content_object_id"] = make_fqid("meeting_mediafile", links.ids[link])


def _belongs(action: Action, collection: str, id_: int, meeting_id: int) -> bool:
    name = _meeting_field(action, collection)
    model = action.uow.find(collection, id_, name) if name else None
    if model is None:
        return False
    value = model.get(name or "")
    if collection == "mediafile":
        return bool(value == make_fqid("meeting", meeting_id))
    if collection == "user":
        return meeting_id in (value or ()) or _is_in_group(action, id_, meeting_id)
    return bool(value == meeting_id)


def _is_in_group(action: Action, user_id: int, meeting_id: int) -> bool:
    found = action.uow.filter("meeting_user", equals(user_id=user_id, meeting_id=meeting_id), "group_ids")
    return any(model.get("group_ids") for model in found.values())


def _meeting_field(action: Action, collection: str) -> str | None:
    default = "meeting_id" if action.run.has_field(collection, "meeting_id") else None
    return _BELONGING.get(collection, default)
