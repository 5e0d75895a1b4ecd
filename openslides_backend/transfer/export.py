"""A meeting with all that belongs to it, as one JSON object (presenters.md, "Meeting export")."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from openslides_backend.models.fields import OnDelete, RelationField
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.services.datastore import DatastoreReader, FilterModels, GetAll, GetMany, Query
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import MAX_ID, ORGANIZATION, is_fqid, make_fqid, split_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields
from openslides_backend.transfer.checker import MIGRATION_KEY, CheckMode, allowed_collections

Export = dict[str, Any]
"""`{"_migration_index": N, collection: {"<id>": {fields}}}`"""

_NOT_OWNED = frozenset({"meeting", "user", "history_entry"})
_LEFT_OUT: Mapping[str, frozenset[str]] = {
    "meeting": frozenset({"forwarded_motion_ids", "relevant_history_entry_ids"}),
    "user": frozenset({"history_entry_ids", "history_position_ids"}),
    "motion": frozenset({"history_entry_ids"}),
    "assignment": frozenset({"history_entry_ids"}),
}
_REDUCED: Mapping[str, str] = {
    "meeting_user_ids": "meeting_user",
    "poll_voted_ids": "poll",
    "option_ids": "option",
    "vote_ids": "vote",
    "poll_candidate_ids": "poll_candidate",
    "delegated_vote_ids": "vote",
}
"""Lists of users that keep only what is exported, and the collections that they name."""
_POSITION = "meta_position"
_TRIES = 3
_PUBLISHED = "published_to_meetings_in_organization_id"
_SHARED_FILE = ("child_ids", "id", "meeting_mediafile_ids", "owner_id", "parent_id", _PUBLISHED)


def export_meeting(reader: DatastoreReader, meeting_id: int, *, internal: bool) -> Export:
    """The export of a meeting, in five reads at most; the models in it belong to the caller.

    An internal one has the files of the organization that the meeting uses, and stays within the organization. It is
    read again if models were added or removed meanwhile, a few times: what one read tells must fit what the others do.

    Raises ModelDoesNotExist.
    """
    for _ in range(_TRIES):
        data, positions = _read(reader, meeting_id, internal=internal)
        if len(positions) == 1:
            break
    return _as_json(data)


def _read(reader: DatastoreReader, meeting_id: int, *, internal: bool) -> tuple[dict[str, Models], set[int]]:
    """All models, and the positions at which the meeting was seen: what comes to it or leaves it changes its lists."""
    (meetings,) = reader.read([GetMany("meeting", (meeting_id,))])
    if meeting_id not in meetings:
        raise ModelDoesNotExist(make_fqid("meeting", meeting_id))
    meeting = _exported("meeting", meetings[meeting_id])
    contents, again = _contents(reader, meeting)
    data: dict[str, Models] = {"meeting": {meeting_id: meeting}, **contents}
    named = _named(data)
    outside = sorted(named["meeting_user"] - data["meeting_user"].keys())
    (participants,) = reader.read([GetMany("meeting_user", tuple(outside), ("user_id",))]) if outside else ({},)
    user_ids = named["user"] | {member["user_id"] for member in participants.values() if member.get("user_id")}
    queries: list[Query] = [
        GetMany("user", tuple(sorted(user_ids))),
        GetMany("meeting", (meeting_id,), ("id", _POSITION)),
        FilterModels("mediafile", equals(owner_id=ORGANIZATION), _SHARED_FILE)
        if internal
        else GetAll("gender", ("name",)),
    ]
    users, at_last, others = reader.read(queries)
    data["user"] = {id_: _user(user, data) for id_, user in users.items()}
    if internal:
        data["mediafile"].update(_shared_files(others.models, data["meeting_mediafile"]))
    else:
        _name_genders(data["user"], others)
    return data, {seen.get(meeting_id, {}).get(_POSITION) or 0 for seen in (meetings, again, at_last)}


def owning_fields() -> tuple[str, ...]:
    """The fields of a meeting that name all the models that it owns."""
    return tuple(name for name in MODELS["meeting"].fields if _owns(name))


def _owned_collections() -> frozenset[str]:
    return allowed_collections(CheckMode.INTERNAL) - _NOT_OWNED


def _contents(reader: DatastoreReader, meeting: ReadOnlyFields) -> tuple[dict[str, Models], Models]:
    """The models that the meeting owns, for every collection of which there can be some, and the meeting's position, in
    one read. They are in the order of the lists that name them, beginning with those that the meeting owns them by."""
    ids: dict[str, dict[int, None]] = {collection: {} for collection in sorted(_owned_collections())}
    owning = {name: value for name, value in meeting.items() if _owns(name)}
    for collection, id_ in (*_relations("meeting", owning), *_relations("meeting", meeting, only_lists=True)):
        if collection in ids:
            ids[collection][id_] = None
    wanted = {collection: tuple(numbers) for collection, numbers in ids.items() if numbers}
    queries = [GetMany(collection, numbers) for collection, numbers in wanted.items()]
    *answers, again = reader.read([*queries, GetMany("meeting", (meeting["id"],), ("id", _POSITION))])
    data: dict[str, Models] = {collection: {} for collection in ids}
    for (collection, numbers), models in zip(wanted.items(), answers, strict=True):
        data[collection] = {id_: _exported(collection, models[id_]) for id_ in numbers if id_ in models}
    return data, again


def _owns(name: str) -> bool:
    field = MODELS["meeting"].fields.get(name)
    return isinstance(field, RelationField) and field.on_delete is OnDelete.CASCADE


def _exported(collection: str, model: ReadOnlyFields) -> Fields:
    left_out = _LEFT_OUT.get(collection, frozenset())
    return {name: value for name, value in model.items() if not name.startswith("meta_") and name not in left_out}


def _relations(collection: str, model: ReadOnlyFields, *, only_lists: bool = False) -> Iterator[tuple[str, int]]:
    """Collections and ids of the models that a model names; what is no name of a model is left to the checker."""
    fields = MODELS[collection].fields
    for name, value in model.items():
        field = fields.get(name)
        if not value or not isinstance(field, RelationField) or (only_lists and not field.is_list):
            continue
        for target in value if isinstance(value, list) else (value,):
            if field.is_generic and is_fqid(target):
                yield split_fqid(target)
            elif not field.is_generic and isinstance(target, int) and 1 <= target <= MAX_ID:
                yield field.target, target


def _named(data: Mapping[str, Models]) -> defaultdict[str, set[int]]:
    """The ids that the exported models name, by collection; these may be models of anywhere."""
    named: defaultdict[str, set[int]] = defaultdict(set)
    for collection, models in data.items():
        for model in models.values():
            for target, id_ in _relations(collection, model):
                named[target].add(id_)
    return named


def _user(stored: ReadOnlyFields, data: Mapping[str, Models]) -> Fields:
    """An account as the meeting sees it."""
    (meeting_id,) = data["meeting"]
    is_present = meeting_id in (stored.get("is_present_in_meeting_ids") or ())
    return {
        **_exported("user", stored),
        "meeting_ids": [meeting_id],
        "is_present_in_meeting_ids": [meeting_id] if is_present else None,
        **{name: _reduced(stored.get(name), data[collection]) for name, collection in _REDUCED.items()},
    }


def _reduced(ids: object, models: Models) -> list[int]:
    return [id_ for id_ in ids if id_ in models] if isinstance(ids, list) else []


def _shared_files(files: Models, meeting_mediafiles: Models) -> Models:
    """The organization's published files that the meeting uses, with all folders above them."""
    uses = {
        member["mediafile_id"]: id_
        for id_, member in meeting_mediafiles.items()
        if files.get(member.get("mediafile_id", 0), {}).get(_PUBLISHED)
    }
    wanted: set[int] = set()
    for used in uses:
        file_id: int | None = used
        while file_id in files and file_id not in wanted:
            wanted.add(file_id)
            file_id = files[file_id].get("parent_id")
    return {id_: _shared_file(files[id_], wanted, uses.get(id_)) for id_ in sorted(wanted)}


def _shared_file(stored: ReadOnlyFields, wanted: set[int], meeting_mediafile_id: int | None) -> Fields:
    file = {name: stored[name] for name in _SHARED_FILE if name in stored and name != "meeting_mediafile_ids"}
    if file.get("child_ids"):
        file["child_ids"] = [id_ for id_ in file["child_ids"] if id_ in wanted]
    if meeting_mediafile_id is not None:
        file["meeting_mediafile_ids"] = [meeting_mediafile_id]
    return file


def _name_genders(users: Models, genders: Models) -> None:
    for user in users.values():
        name = genders.get(user.pop("gender_id", None) or 0, {}).get("name")
        if name:
            user["gender"] = name


def _as_json(data: Mapping[str, Models]) -> Export:
    export: Export = {MIGRATION_KEY: MIGRATION_INDEX}
    for collection, models in data.items():
        if models or collection != "user":
            export[collection] = {str(id_): model for id_, model in models.items()}
    return export
