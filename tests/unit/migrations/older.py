"""A meeting object with something of every collection, as older versions would have exported it."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from openslides_backend.migrations.data import Data, Model
from openslides_backend.migrations.relations import remove, with_dependents
from openslides_backend.models.fields import Field, RelationField
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.models.models import MODELS
from openslides_backend.shared.bundled import bundled_data
from openslides_backend.transfer.checker import MIGRATION_KEY, CheckMode, allowed_collections
from tests.integration.filled_data import fill

_NEW = ("structure_level", "point_of_order_category", "motion_editor", "motion_working_group_speaker")
"""Collections that index 43 didn't have."""
_BY_MEETING = {
    "group_ids": "group_${}_ids",
    "speaker_ids": "speaker_${}_ids",
    "personal_note_ids": "personal_note_${}_ids",
    "supported_motion_ids": "supported_motion_${}_ids",
    "motion_submitter_ids": "submitted_motion_${}_ids",
    "assignment_candidate_ids": "assignment_candidate_${}_ids",
    "chat_message_ids": "chat_message_${}_ids",
    "comment": "comment_${}",
    "number": "number_${}",
    "structure_level": "structure_level_${}",
    "about_me": "about_me_${}",
    "vote_weight": "vote_weight_${}",
}
_JOINED = {
    "poll_voted_ids": "poll_voted_${}_ids",
    "option_ids": "option_${}_ids",
    "vote_ids": "vote_${}_ids",
    "delegated_vote_ids": "vote_delegated_vote_${}_ids",
}
_PROJECTED = {
    "agenda_item_list": "agenda_all_items",
    "topic": "topics",
    "countdown": "projector_countdowns",
    "message": "projector_message",
}


@cache
def _current() -> dict[str, dict[str, Any]]:
    everything = json.loads(bundled_data("example-data.json").read_text(encoding="utf-8"))
    del everything[MIGRATION_KEY]
    stored = {f"{name}/{id_}": model for name, models in everything.items() for id_, model in models.items()}
    fill(stored)
    allowed = allowed_collections(CheckMode.EXTERNAL) - {"history_entry"}
    found: dict[str, dict[str, Any]] = {}
    for fqid, model in stored.items():
        collection, _, id_ = fqid.partition("/")
        if collection in allowed and model.get("owner_id") != "organization/1":
            fields = MODELS[collection].fields
            found.setdefault(collection, {})[id_] = {
                name: value for name, value in model.items() if not _leads_out(fields[name], allowed)
            }
    found["meeting"]["1"]["committee_id"] = None
    return found


def _leads_out(field: Field, allowed: frozenset[str]) -> bool:
    return isinstance(field, RelationField) and field.name != "organization_id" and allowed.isdisjoint(field.targets)


def current() -> dict[str, Any]:
    """The meeting as it is exported now."""
    return {MIGRATION_KEY: MIGRATION_INDEX, **deepcopy(_current())}


def of_index_70() -> dict[str, Any]:
    """The meeting as of index 70."""
    collections = deepcopy(_current())
    data = Data(collections)
    for supporter in data.models("motion_supporter"):
        motion_id, member_id = supporter.get("motion_id"), supporter.get("meeting_user_id")
        _found(data, "motion", motion_id).append("supporter_meeting_user_ids", member_id)
        _found(data, "meeting_user", member_id).append("supported_motion_ids", motion_id)
    data.remove_fields("motion", "supporter_ids")
    data.remove_fields("meeting", "motion_supporter_ids")
    data.remove_fields("meeting_user", "motion_supporter_ids")
    data.drop("motion_supporter")
    for meeting in data.models("meeting"):
        meeting.set(custom_translations=[{"original": "Motion", "translation": "Application"}])
    return {MIGRATION_KEY: 70, **collections}


def _found(data: Data, collection: str, id_: int) -> Model:
    model = data.find(collection, id_)
    assert model is not None
    return model


def of_index_43() -> dict[str, Any]:
    """The meeting as of index 43, without what there wasn't then."""
    collections = of_index_70()
    del collections[MIGRATION_KEY]
    data = Data(collections)
    _name_structure_levels(data)
    remove(data, with_dependents(data, {name: [model.id for model in data.models(name)] for name in _NEW}))
    for name in _NEW:
        data.drop(name)
    for collection in ("meeting", "meeting_user", "motion", "list_of_speakers", "speaker"):
        data.remove_fields(
            collection,
            "structure_level_ids",
            "structure_level_list_of_speakers_ids",
            "point_of_order_category_ids",
            "motion_editor_ids",
            "motion_working_group_speaker_ids",
            "editor_ids",
            "working_group_speaker_ids",
        )
    data.drop("structure_level_list_of_speakers")
    data.rename_field("user", "external", "guest")
    _merge_mediafiles(data)
    _rename_projectors(data)
    for motion in data.models("motion"):
        motion.pop("text_hash", "identical_motion_ids")
        paragraphs = motion.fields.pop("amendment_paragraphs", None)
        if paragraphs is not None:
            motion.fields["amendment_paragraph_$"] = list(paragraphs)
            motion.fields |= {f"amendment_paragraph_${number}": text for number, text in paragraphs.items()}
    data.rename_field("motion_state", "set_workflow_timestamp", "set_created_timestamp")
    _split_participants(data)
    return {MIGRATION_KEY: 43, **collections}


def _name_structure_levels(data: Data) -> None:
    names = {level.id: level.text("name") for level in data.models("structure_level")}
    for member in data.models("meeting_user"):
        if levels := member.ids("structure_level_ids"):
            member.set(structure_level=names[levels[0]])


def _merge_mediafiles(data: Data) -> None:
    for file in data.models("meeting_mediafile"):
        mediafile = _found(data, "mediafile", file.id)
        assert mediafile.id == file.get("mediafile_id")
        mediafile.set(**{name: file.get(name) for name in file.fields.keys() - {"id", "meeting_id", "mediafile_id"}})
        mediafile.pop("meeting_mediafile_ids")
    data.drop("meeting_mediafile")
    data.remove_fields("meeting", "meeting_mediafile_ids")
    for collection in ("list_of_speakers", "projection"):
        for model in data.models(collection):
            if model.text("content_object_id").startswith("meeting_mediafile/"):
                model.set(content_object_id=model.text("content_object_id").removeprefix("meeting_"))
    for collection in ("motion", "topic", "assignment"):
        data.rename_field(collection, "attachment_meeting_mediafile_ids", "attachment_ids")
    for group in data.models("group"):
        group.rename("meeting_mediafile_access_group_ids", "mediafile_access_group_ids")
        group.rename("meeting_mediafile_inherited_access_group_ids", "mediafile_inherited_access_group_ids")


def _rename_projectors(data: Data) -> None:
    for meeting in data.models("meeting"):
        meeting.pop("motion_poll_projection_name_order_first", "motion_poll_projection_max_columns")
        meeting.rename("default_projector_current_los_ids", "default_projector_current_list_of_speakers_ids")
        _make_template(meeting, "default_projector_", "_ids", "default_projector_${}_ids")
    start, end = "used_as_default_projector_for_", "_in_meeting_id"
    for projector in data.models("projector"):
        projector.pop("chyron_font_color_2", "chyron_background_color_2")
        projector.rename(f"{start}current_los{end}", f"{start}current_list_of_speakers{end}")
        _make_template(projector, start, end, "used_as_default_${}_in_meeting_id")


def _make_template(model: Model, start: str, end: str, pattern: str) -> None:
    names = [name for name in model.fields if name.startswith(start) and name.endswith(end)]
    replacements = []
    for name in names:
        replacement = name.removeprefix(start).removesuffix(end)
        replacements.append(_PROJECTED.get(replacement, replacement))
        model.fields[pattern.format(replacements[-1])] = model.fields.pop(name)
    model.fields[pattern.format("")] = replacements


def _split_participants(data: Data) -> None:
    users = {member.id: member.get("user_id") for member in data.models("meeting_user")}
    for member in data.models("meeting_user"):
        _split(_found(data, "user", users[member.id]), member, users)
    for collection in ("personal_note", "speaker", "motion_submitter", "assignment_candidate", "chat_message"):
        for model in data.models(collection):
            model.set(user_id=users[model.fields.pop("meeting_user_id")])
    for collection, new, old in (
        ("group", "meeting_user_ids", "user_ids"),
        ("motion", "supporter_meeting_user_ids", "supporter_ids"),
    ):
        for model in data.models(collection):
            model.put_list(old, [users[id_] for id_ in model.ids(new)])
            model.pop(new)
    data.remove_fields("user", "meeting_user_ids")
    data.drop("meeting_user")
    data.remove_fields("meeting", "meeting_user_ids")


def _split(user: Model, member: Model, users: dict[int, int]) -> None:
    """Let the user have what the participant has."""
    meeting_id = member.get("meeting_id")
    for name, pattern in _BY_MEETING.items():
        if name in member.fields:
            user.fields[pattern.format("")] = [str(meeting_id)]
            user.fields[pattern.format(meeting_id)] = member.get(name)
    if (to := member.get("vote_delegated_to_id")) is not None:
        user.fields[f"vote_delegated_${meeting_id}_to_id"] = users[to]
    if others := member.ids("vote_delegations_from_ids"):
        user.fields[f"vote_delegations_${meeting_id}_from_ids"] = [users[id_] for id_ in others]
    for name, pattern in _JOINED.items():
        if name in user.fields:
            user.fields[pattern.format("")] = [str(meeting_id)]
            user.rename(name, pattern.format(meeting_id))
