"""Models of the collections that the example data have none of, one or more of each, with both sides of relations."""

from typing import Any

from openslides_backend.models.fields import MISSING, RelationField
from openslides_backend.models.models import MODELS
from openslides_backend.shared.fqid import make_fqid, split_fqid
from openslides_backend.shared.typing import Fields

_MEETING: Fields = {"meeting_id": 1}
_NUMBERED: Fields = {"meeting_id": 1, "sequential_number": 1}
_PERSON: Fields = {"meeting_id": 1, "meeting_user_id": 1}
_OF_MOTION: Fields = {"meeting_id": 1, "motion_id": 1}
_SPEAKERS: dict[str, Fields] = {
    f"list_of_speakers/{50 + number}": {"sequential_number": 50 + number, "content_object_id": fqid, **_MEETING}
    for number, fqid in enumerate(("motion/1", "motion/2", "motion_block/1", "assignment/1", "meeting_mediafile/1"))
}
FILLING: dict[str, Fields] = {
    "meeting/1": {
        "list_of_speakers_default_structure_level_time": 60,
        "list_of_speakers_enable_point_of_order_speakers": True,
        "list_of_speakers_enable_point_of_order_categories": True,
        "list_of_speakers_can_create_point_of_order_for_others": True,
    },
    **_SPEAKERS,
    "motion_category/1": {"name": "Finances", **_NUMBERED},
    "motion_category/2": {"name": "Fees", "parent_id": 1, **_MEETING, "sequential_number": 2},
    "motion_block/1": {"title": "Undisputed", **_NUMBERED},
    "motion/1": {
        "title": "Lower fees",
        "text": "<p>Fees are lowered.</p>",
        "state_id": 1,
        "category_id": 1,
        "block_id": 1,
        **_NUMBERED,
    },
    "motion/2": {
        "title": "An amendment",
        "amendment_paragraphs": {"0": "<p>Fees are raised.</p>"},
        "state_id": 1,
        "lead_motion_id": 1,
        "sort_parent_id": 1,
        **_MEETING,
        "sequential_number": 2,
    },
    "motion_change_recommendation/1": {"line_from": 1, "line_to": 2, "text": "<p>x</p>", **_OF_MOTION},
    "motion_comment_section/1": {"name": "Notes", **_NUMBERED},
    "motion_comment/1": {"comment": "<p>x</p>", "section_id": 1, **_OF_MOTION},
    "motion_editor/1": {"weight": 1, **_PERSON, "motion_id": 1},
    "motion_submitter/1": {"weight": 1, **_PERSON, "motion_id": 1},
    "motion_supporter/1": {**_PERSON, "motion_id": 1},
    "motion_working_group_speaker/1": {"weight": 1, **_PERSON, "motion_id": 1},
    "assignment/1": {"title": "Board", "open_posts": 1, **_NUMBERED},
    "assignment_candidate/1": {"assignment_id": 1, "weight": 1, **_PERSON},
    "chat_message/1": {"content": "x", "created": 1, "chat_group_id": 1, **_PERSON},
    "personal_note/1": {"star": True, "content_object_id": "motion/1", **_PERSON},
    "point_of_order_category/1": {"text": "Procedure", "rank": 1, **_MEETING},
    "structure_level_list_of_speakers/1": {
        "structure_level_id": 1,
        "list_of_speakers_id": 1,
        "initial_time": 60,
        "remaining_time": 60,
        **_MEETING,
    },
    "mediafile/1": {
        "title": "logo.png",
        "filename": "logo.png",
        "mimetype": "image/png",
        "filesize": 3,
        "owner_id": "meeting/1",
        "create_timestamp": 1,
    },
    "mediafile/2": {"title": "folder", "is_directory": True, "owner_id": "organization/1", "create_timestamp": 1},
    "meeting_mediafile/1": {"mediafile_id": 1, "is_public": True, **_MEETING},
    "poll/1": {
        "title": "Poll",
        "type": "named",
        "backend": "fast",
        "pollmethod": "YNA",
        "onehundred_percent_base": "disabled",
        "state": "created",
        "content_object_id": "motion/1",
        "global_option_id": 3,
        **_NUMBERED,
    },
    "option/1": {"poll_id": 1, "content_object_id": "motion/1", "weight": 1, **_MEETING},
    "option/2": {"poll_id": 1, "content_object_id": "poll_candidate_list/1", "weight": 2, **_MEETING},
    "option/3": {"weight": 1, **_MEETING},
    "vote/1": {"option_id": 1, "user_token": "abc", "value": "Y", "weight": "1.000000", "user_id": 1, **_MEETING},
    "poll_candidate_list/1": _MEETING,
    "poll_candidate/1": {"poll_candidate_list_id": 1, "user_id": 1, "weight": 1, **_MEETING},
    "history_position/1": {"timestamp": 1, "original_user_id": 1, "user_id": 1},
    "history_entry/1": {"entries": ["x"], "original_model_id": "motion/1", "model_id": "motion/1", "position_id": 1},
    "action_worker/1": {"name": "x", "state": "end", "created": 1, "timestamp": 1, "user_id": 1},
    "import_preview/1": {"name": "topic", "state": "done", "created": 1, "result": {}},
}
"""What is given of each model; one side of each relation."""


def fill(stored: dict[str, Fields]) -> None:
    """Add these models to complete data, and what other models say of them."""
    for fqid, given in FILLING.items():
        collection, id_ = split_fqid(fqid)
        fields = MODELS[collection].fields.values()
        defaults = {field.name: field.default for field in fields if field.default is not MISSING}
        model = stored[fqid] = {"id": id_} | defaults | stored.get(fqid, {})
        for name, value in given.items():
            field = MODELS[collection].fields[name]
            model[name] = value
            if isinstance(field, RelationField):
                _tell_target(stored, field, fqid, value)


def _tell_target(stored: dict[str, Fields], field: RelationField, fqid: str, value: Any) -> None:
    target, id_ = split_fqid(value) if field.is_generic else (field.target, value)
    reverse, own = field.reverse(target), split_fqid(fqid)[1]
    entry: Any = fqid if reverse.is_generic else own
    model = stored.setdefault(make_fqid(target, id_), {"id": id_})
    model[reverse.name] = sorted({*model.get(reverse.name, ()), entry}) if reverse.is_list else entry
