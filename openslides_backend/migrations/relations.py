"""Relations of meetings as they were from index 59 to 83, for steps that remove models or judge relations.

It is a table of its own because the model classes tell how things are today, and today's may be others tomorrow. Later
steps that need relations of another form have to bring along a table of theirs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from functools import cache
from typing import Final, NamedTuple

from openslides_backend.migrations.data import Data, Model, is_id
from openslides_backend.shared.fqid import is_fqid, make_fqid, split_fqid

Ids = Mapping[str, Iterable[int]]
"""Ids by collection."""

_RELATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "agenda_item": {
        "content_object_id": (
            "= motion.agenda_item_id motion_block.agenda_item_id assignment.agenda_item_id topic.agenda_item_id"
        ),
        "parent_id": "= agenda_item.child_ids",
        "child_ids": "= agenda_item.parent_id",
        "projection_ids": "=! projection.content_object_id",
        "tag_ids": "= tag.tagged_ids",
    },
    "assignment": {
        "candidate_ids": "=! assignment_candidate.assignment_id",
        "poll_ids": "=! poll.content_object_id",
        "agenda_item_id": "=! agenda_item.content_object_id",
        "list_of_speakers_id": "=! list_of_speakers.content_object_id",
        "projection_ids": "=! projection.content_object_id",
        "tag_ids": "= tag.tagged_ids",
        "attachment_meeting_mediafile_ids": "= meeting_mediafile.attachment_ids",
    },
    "assignment_candidate": {
        "assignment_id": "= assignment.candidate_ids",
        "meeting_user_id": "= meeting_user.assignment_candidate_ids",
    },
    "chat_group": {
        "chat_message_ids": "=! chat_message.chat_group_id",
        "read_group_ids": "= group.read_chat_group_ids",
        "write_group_ids": "= group.write_chat_group_ids",
    },
    "chat_message": {
        "chat_group_id": "= chat_group.chat_message_ids",
        "meeting_user_id": "= meeting_user.chat_message_ids",
    },
    "group": {
        "meeting_user_ids": "= meeting_user.group_ids",
        "meeting_mediafile_access_group_ids": "= meeting_mediafile.access_group_ids",
        "read_comment_section_ids": "= motion_comment_section.read_group_ids",
        "write_comment_section_ids": "= motion_comment_section.write_group_ids",
        "read_chat_group_ids": "= chat_group.read_group_ids",
        "write_chat_group_ids": "= chat_group.write_group_ids",
        "poll_ids": "= poll.entitled_group_ids",
    },
    "list_of_speakers": {
        "content_object_id": (
            "= motion.list_of_speakers_id motion_block.list_of_speakers_id assignment.list_of_speakers_id "
            "topic.list_of_speakers_id meeting_mediafile.list_of_speakers_id"
        ),
        "speaker_ids": "=! speaker.list_of_speakers_id",
        "structure_level_list_of_speakers_ids": "=! structure_level_list_of_speakers.list_of_speakers_id",
        "projection_ids": "=! projection.content_object_id",
    },
    "mediafile": {
        "parent_id": "= mediafile.child_ids",
        "child_ids": "= mediafile.parent_id",
    },
    "meeting": {
        "meeting_user_ids": "meeting_user.meeting_id",
        "all_projection_ids": "projection.meeting_id",
        "agenda_item_ids": "agenda_item.meeting_id",
        "list_of_speakers_ids": "list_of_speakers.meeting_id",
        "structure_level_list_of_speakers_ids": "structure_level_list_of_speakers.meeting_id",
        "speaker_ids": "speaker.meeting_id",
        "motion_ids": "motion.meeting_id",
        "forwarded_motion_ids": "motion.origin_meeting_id",
        "motion_comment_ids": "motion_comment.meeting_id",
        "motion_submitter_ids": "motion_submitter.meeting_id",
        "motion_supporter_ids": "motion_supporter.meeting_id",
        "motion_editor_ids": "motion_editor.meeting_id",
        "motion_working_group_speaker_ids": "motion_working_group_speaker.meeting_id",
        "motion_change_recommendation_ids": "motion_change_recommendation.meeting_id",
        "poll_ids": "poll.meeting_id",
        "option_ids": "option.meeting_id",
        "vote_ids": "vote.meeting_id",
        "personal_note_ids": "personal_note.meeting_id",
        "projection_ids": "= projection.content_object_id",
        "poll_candidate_list_ids": "poll_candidate_list.meeting_id",
        "poll_candidate_ids": "poll_candidate.meeting_id",
    },
    "meeting_mediafile": {
        "access_group_ids": "= group.meeting_mediafile_access_group_ids",
        "list_of_speakers_id": "=! list_of_speakers.content_object_id",
        "projection_ids": "=! projection.content_object_id",
        "attachment_ids": (
            "= motion.attachment_meeting_mediafile_ids topic.attachment_meeting_mediafile_ids "
            "assignment.attachment_meeting_mediafile_ids"
        ),
    },
    "meeting_user": {
        "personal_note_ids": "=! personal_note.meeting_user_id",
        "speaker_ids": "= speaker.meeting_user_id",
        "motion_supporter_ids": "= motion_supporter.meeting_user_id",
        "motion_editor_ids": "= motion_editor.meeting_user_id",
        "motion_working_group_speaker_ids": "= motion_working_group_speaker.meeting_user_id",
        "motion_submitter_ids": "= motion_submitter.meeting_user_id",
        "assignment_candidate_ids": "= assignment_candidate.meeting_user_id",
        "vote_delegated_to_id": "= meeting_user.vote_delegations_from_ids",
        "vote_delegations_from_ids": "= meeting_user.vote_delegated_to_id",
        "chat_message_ids": "= chat_message.meeting_user_id",
        "group_ids": "= group.meeting_user_ids",
        "structure_level_ids": "= structure_level.meeting_user_ids",
        "supported_motion_ids": "= motion.supporter_meeting_user_ids",
    },
    "motion": {
        "state_id": "= motion_state.motion_ids",
        "recommendation_id": "= motion_state.motion_recommendation_ids",
        "category_id": "= motion_category.motion_ids",
        "block_id": "= motion_block.motion_ids",
        "lead_motion_id": "= motion.amendment_ids",
        "amendment_ids": "=! motion.lead_motion_id",
        "sort_parent_id": "= motion.sort_child_ids",
        "sort_child_ids": "= motion.sort_parent_id",
        "origin_id": "motion.derived_motion_ids",
        "derived_motion_ids": "motion.origin_id",
        "all_origin_ids": "motion.all_derived_motion_ids",
        "all_derived_motion_ids": "motion.all_origin_ids",
        "identical_motion_ids": "= motion.identical_motion_ids",
        "state_extension_reference_ids": "= motion.referenced_in_motion_state_extension_ids",
        "referenced_in_motion_state_extension_ids": "= motion.state_extension_reference_ids",
        "recommendation_extension_reference_ids": "= motion.referenced_in_motion_recommendation_extension_ids",
        "referenced_in_motion_recommendation_extension_ids": "= motion.recommendation_extension_reference_ids",
        "submitter_ids": "=! motion_submitter.motion_id",
        "supporter_ids": "=! motion_supporter.motion_id",
        "editor_ids": "=! motion_editor.motion_id",
        "working_group_speaker_ids": "=! motion_working_group_speaker.motion_id",
        "poll_ids": "=! poll.content_object_id",
        "option_ids": "=! option.content_object_id",
        "change_recommendation_ids": "=! motion_change_recommendation.motion_id",
        "comment_ids": "=! motion_comment.motion_id",
        "agenda_item_id": "=! agenda_item.content_object_id",
        "list_of_speakers_id": "=! list_of_speakers.content_object_id",
        "projection_ids": "=! projection.content_object_id",
        "personal_note_ids": "=! personal_note.content_object_id",
        "tag_ids": "= tag.tagged_ids",
        "attachment_meeting_mediafile_ids": "= meeting_mediafile.attachment_ids",
        "supporter_meeting_user_ids": "= meeting_user.supported_motion_ids",
    },
    "motion_block": {
        "agenda_item_id": "=! agenda_item.content_object_id",
        "list_of_speakers_id": "=! list_of_speakers.content_object_id",
        "projection_ids": "=! projection.content_object_id",
        "motion_ids": "= motion.block_id",
    },
    "motion_category": {
        "parent_id": "= motion_category.child_ids",
        "child_ids": "= motion_category.parent_id",
        "motion_ids": "= motion.category_id",
    },
    "motion_change_recommendation": {
        "motion_id": "= motion.change_recommendation_ids",
    },
    "motion_comment": {
        "motion_id": "= motion.comment_ids",
        "section_id": "= motion_comment_section.comment_ids",
    },
    "motion_comment_section": {
        "comment_ids": "= motion_comment.section_id",
        "read_group_ids": "= group.read_comment_section_ids",
        "write_group_ids": "= group.write_comment_section_ids",
    },
    "motion_editor": {
        "motion_id": "= motion.editor_ids",
        "meeting_user_id": "= meeting_user.motion_editor_ids",
    },
    "motion_state": {
        "workflow_id": "= motion_workflow.state_ids",
        "motion_ids": "= motion.state_id",
        "first_state_of_workflow_id": "= motion_workflow.first_state_id",
        "submitter_withdraw_state_id": "= motion_state.submitter_withdraw_back_ids",
        "submitter_withdraw_back_ids": "= motion_state.submitter_withdraw_state_id",
        "next_state_ids": "= motion_state.previous_state_ids",
        "previous_state_ids": "= motion_state.next_state_ids",
        "motion_recommendation_ids": "= motion.recommendation_id",
    },
    "motion_submitter": {
        "motion_id": "= motion.submitter_ids",
        "meeting_user_id": "= meeting_user.motion_submitter_ids",
    },
    "motion_supporter": {
        "motion_id": "= motion.supporter_ids",
        "meeting_user_id": "= meeting_user.motion_supporter_ids",
    },
    "motion_workflow": {
        "first_state_id": "= motion_state.first_state_of_workflow_id",
        "state_ids": "=! motion_state.workflow_id",
    },
    "motion_working_group_speaker": {
        "motion_id": "= motion.working_group_speaker_ids",
        "meeting_user_id": "= meeting_user.motion_working_group_speaker_ids",
    },
    "option": {
        "vote_ids": "=! vote.option_id",
        "poll_id": "= poll.option_ids",
        "used_as_global_option_in_poll_id": "= poll.global_option_id",
        "content_object_id": "= motion.option_ids user.option_ids poll_candidate_list.option_id",
    },
    "personal_note": {
        "meeting_user_id": "= meeting_user.personal_note_ids",
        "content_object_id": "= motion.personal_note_ids",
    },
    "point_of_order_category": {
        "speaker_ids": "= speaker.point_of_order_category_id",
    },
    "poll": {
        "content_object_id": "= motion.poll_ids assignment.poll_ids topic.poll_ids",
        "option_ids": "=! option.poll_id",
        "global_option_id": "=! option.used_as_global_option_in_poll_id",
        "projection_ids": "=! projection.content_object_id",
        "entitled_group_ids": "= group.poll_ids",
    },
    "poll_candidate": {
        "poll_candidate_list_id": "= poll_candidate_list.poll_candidate_ids",
    },
    "poll_candidate_list": {
        "option_id": "= option.content_object_id",
        "poll_candidate_ids": "=! poll_candidate.poll_candidate_list_id",
    },
    "projection": {
        "content_object_id": (
            "= meeting.projection_ids motion.projection_ids meeting_mediafile.projection_ids "
            "list_of_speakers.projection_ids motion_block.projection_ids assignment.projection_ids "
            "agenda_item.projection_ids topic.projection_ids poll.projection_ids "
            "projector_message.projection_ids projector_countdown.projection_ids"
        ),
        "current_projector_id": "= projector.current_projection_ids",
        "preview_projector_id": "= projector.preview_projection_ids",
    },
    "projector": {
        "current_projection_ids": "=! projection.current_projector_id",
        "preview_projection_ids": "=! projection.preview_projector_id",
    },
    "projector_countdown": {
        "projection_ids": "=! projection.content_object_id",
    },
    "projector_message": {
        "projection_ids": "=! projection.content_object_id",
    },
    "speaker": {
        "list_of_speakers_id": "= list_of_speakers.speaker_ids",
        "structure_level_list_of_speakers_id": "= structure_level_list_of_speakers.speaker_ids",
        "meeting_user_id": "= meeting_user.speaker_ids",
        "point_of_order_category_id": "= point_of_order_category.speaker_ids",
    },
    "structure_level": {
        "meeting_user_ids": "= meeting_user.structure_level_ids",
        "structure_level_list_of_speakers_ids": "= structure_level_list_of_speakers.structure_level_id",
    },
    "structure_level_list_of_speakers": {
        "structure_level_id": "= structure_level.structure_level_list_of_speakers_ids",
        "list_of_speakers_id": "= list_of_speakers.structure_level_list_of_speakers_ids",
        "speaker_ids": "= speaker.structure_level_list_of_speakers_id",
    },
    "tag": {
        "tagged_ids": "= agenda_item.tag_ids assignment.tag_ids motion.tag_ids",
    },
    "topic": {
        "agenda_item_id": "=! agenda_item.content_object_id",
        "list_of_speakers_id": "=! list_of_speakers.content_object_id",
        "poll_ids": "=! poll.content_object_id",
        "projection_ids": "=! projection.content_object_id",
        "attachment_meeting_mediafile_ids": "= meeting_mediafile.attachment_ids",
    },
    "user": {
        "meeting_user_ids": "! meeting_user.user_id",
        "poll_voted_ids": "poll.voted_ids",
        "option_ids": "= option.content_object_id",
        "vote_ids": "vote.user_id",
        "delegated_vote_ids": "vote.delegated_user_id",
        "poll_candidate_ids": "poll_candidate.user_id",
    },
    "vote": {
        "option_id": "= option.vote_ids",
    },
}
"""By collection and field: the fields that point back.

A field that isn't there names only what is never removed. Before them stands `=` if both models must belong to the
same, and `!` if what the field names is removed along with the model.
"""


class Relation(NamedTuple):
    """A field that names models: the fields that point back, by collection, and the collection if there is only one."""

    reverse: Mapping[str, str]
    target: str | None
    is_equal: bool
    cascades: bool


@cache
def relations() -> Mapping[str, Mapping[str, Relation]]:
    """All relations by collection and field."""
    return {
        collection: {name: _relation(text) for name, text in fields.items()}
        for collection, fields in _RELATIONS.items()
    }


def _relation(text: str) -> Relation:
    flags, *reverse = text.split() if text[0] in "=!" else ("", *text.split())
    fields = dict(path.split(".") for path in reverse)
    target = next(iter(fields)) if len(fields) == 1 else None
    return Relation(fields, target, "=" in flags, "!" in flags)


def targets(model: Model, name: str, relation: Relation) -> list[tuple[str, int]]:
    """Collections and ids of what the field of a model names.

    Raises MigrationFailed if that can't be.
    """
    value = model.get(name)
    found = []
    for item in value if isinstance(value, list) else [] if value is None else [value]:
        if is_fqid(item):
            found.append(split_fqid(item))
        elif relation.target is not None and is_id(item):
            found.append((relation.target, item))
        else:
            raise model.failure(name, "must name models")
    return found


def with_dependents(data: Data, ids: Ids) -> dict[str, set[int]]:
    """The models, and all that is removed along with them."""
    found = defaultdict[str, set[int]](set)
    waiting = [(collection, id_) for collection, some in ids.items() for id_ in some]
    while waiting:
        collection, id_ = waiting.pop()
        model = data.find(collection, id_)
        if model is None or id_ in found[collection]:
            continue
        found[collection].add(id_)
        for name, relation in relations().get(collection, {}).items():
            if relation.cascades:
                waiting += targets(model, name, relation)
    return dict(found)


def remove(data: Data, ids: Ids) -> None:
    """Remove models, and all that refers to them from those that stay."""
    gone = {collection: set(some) for collection, some in ids.items()}
    fqids = {make_fqid(collection, id_) for collection, some in gone.items() for id_ in some}
    if not fqids:
        return
    for collection, some in gone.items():
        data.remove(collection, some)
    for collection, fields in relations().items():
        concerned = [(name, relation) for name, relation in fields.items() if gone.keys() & relation.reverse.keys()]
        for model in data.models(collection) if concerned else ():
            for name, relation in concerned:
                if model.get(name):
                    _forget(model, name, gone.get(relation.target or "", set()), fqids)


def _forget(model: Model, name: str, ids: Set[int], fqids: Set[str]) -> None:
    def is_gone(item: object) -> bool:
        return item in (fqids if isinstance(item, str) else ids) if isinstance(item, str | int) else False

    value = model.get(name)
    if not isinstance(value, list):
        if is_gone(value):
            model.pop(name)
    elif any(map(is_gone, value)):
        model.put_list(name, [item for item in value if not is_gone(item)])
