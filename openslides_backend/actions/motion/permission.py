"""Who may do what with motions (motion.md, "Allowed when")."""

from enum import Enum, auto

from openslides_backend.actions.shared.agenda import AGENDA_FIELDS
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, both, question
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import (
    existing,
    is_restricted_delegator,
    meeting_of,
    model,
    models,
    rights_in,
)
from openslides_backend.permissions.rules import (
    Inquiry,
    Rule,
    Verdict,
    all_of,
    any_of,
    in_meeting,
    rule,
    when_given,
    when_set,
)
from openslides_backend.shared.context import ANONYMOUS

_MANAGE = in_meeting(Permissions.Motion.CAN_MANAGE)
_METADATA = in_meeting(Permissions.Motion.CAN_MANAGE_METADATA)
_DELEGATORS = "users_forbid_delegator_as_submitter"


# New motions


@rule
def _not_delegated(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Delegators may be forbidden to submit ("R10")."""
    restricted = yield from is_restricted_delegator(inquiry.user_id, element.id("meeting_id"), _DELEGATORS)
    return "You have delegated your vote." if restricted else None


NEW_MOTION_FREE = (
    "meeting_id",
    "title",
    "text",
    "reason",
    "lead_motion_id",
    "amendment_paragraphs",
    "workflow_id",
)
"""What everybody may give who may create the motion."""

NEW_MOTION_NEEDS: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("category_id",), when_set("lead_motion_id", _MANAGE)),
    (tuple(AGENDA_FIELDS), in_meeting(Permissions.AgendaItem.CAN_MANAGE)),
    (("attachment_mediafile_ids",), in_meeting(Permissions.Mediafile.CAN_SEE)),
    (("additional_submitter",), _METADATA),
    (("submitter_ids",), all_of(_METADATA, in_meeting(Permissions.User.CAN_SEE))),
    (("number", "sort_parent_id", "block_id", "tag_ids", "supporter_meeting_user_ids"), _MANAGE),
)
"""What one needs to give other fields, besides what one needs to create the motion."""

may_create = all_of(
    when_set(
        "lead_motion_id",
        in_meeting(Permissions.Motion.CAN_CREATE_AMENDMENTS),
        otherwise=in_meeting(Permissions.Motion.CAN_CREATE),
    ),
    any_of(_MANAGE, _not_delegated),
    *(when_given(fields, needed) for fields, needed in NEW_MOTION_NEEDS),
)


# Submitters


@question
def is_submitter(user_id: int, motion_id: int) -> Steps[bool]:
    """Whether the user is one of the motion's submitters, with or without permissions ("R2")."""
    if user_id <= ANONYMOUS:
        return False
    motion = yield from existing("motion", motion_id, "submitter_ids")
    user, submitters = yield from both(
        model("user", user_id, "meeting_user_ids"),
        models("motion_submitter", motion.get("submitter_ids") or (), "meeting_user_id"),
    )
    own = (user or {}).get("meeting_user_ids") or ()
    return any(submitter.get("meeting_user_id") in own for submitter in submitters.values())


@question
def is_editing_submitter(user_id: int, motion_id: int) -> Steps[bool]:
    """Whether the user is one of the motion's submitters, and its state lets those edit it."""
    motion = yield from existing("motion", motion_id, "state_id")
    state_id = motion.get("state_id")
    if state_id is None:
        return False
    submits, state = yield from both(
        is_submitter(user_id, motion_id), model("motion_state", state_id, "allow_submitter_edit")
    )
    return submits and bool((state or {}).get("allow_submitter_edit"))


# Changes of motions

SUBMITTER_FIELDS = ("title", "text", "reason", "amendment_paragraphs")
"""What submitters may change as long as they may edit their motion."""

METADATA_FIELDS = (
    "category_id",
    "block_id",
    "additional_submitter",
    "recommendation_extension",
    "state_extension",
    "start_line_number",
    "tag_ids",
    "created",
    "workflow_timestamp",
)
"""What those may change who manage the metadata; for all other fields one has to manage motions."""


@rule
def may_update(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Managers all; managers of metadata and submitters their fields, and both if one is both."""
    motion_id = element.id("id")
    meeting_id = yield from meeting_of("motion", motion_id)
    rights, edits = yield from both(
        rights_in(inquiry.user_id, meeting_id), is_editing_submitter(inquiry.user_id, motion_id)
    )
    if rights.has(Permissions.Motion.CAN_MANAGE):
        return None
    manages_metadata = rights.has(Permissions.Motion.CAN_MANAGE_METADATA)
    if not edits and not manages_metadata:
        return f"Missing permission in meeting {meeting_id}: {Permissions.Motion.CAN_MANAGE.value}."
    allowed = {"id", *(METADATA_FIELDS if manages_metadata else ()), *(SUBMITTER_FIELDS if edits else ())}
    refused = [name for name in element if name not in allowed]
    return f"You can not change {', '.join(refused)}." if refused else None


@rule
def _edits(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    edits = yield from is_editing_submitter(inquiry.user_id, element.id("id"))
    return None if edits else "You are no submitter who may edit the motion."


may_delete = any_of(_MANAGE, _edits)
may_manage = _MANAGE
may_manage_metadata = _METADATA


# Ways through the states


class Way(Enum):
    """How somebody may take a motion into another state."""

    ANYWHERE = auto()
    ALONG_THE_GRAPH = auto()


@question
def way_of(user_id: int, motion_id: int, state_id: int) -> Steps[Way | None]:
    """How the user may take the motion into the state; None if not at all (motion.set_state).

    Managers of metadata go anywhere, submitters who see motions to the state that withdraws them, and along the graph
    as long as they may edit.
    """
    motion = yield from existing("motion", motion_id, "meeting_id", "state_id")
    rights, submits = yield from both(rights_in(user_id, motion["meeting_id"]), is_submitter(user_id, motion_id))
    if rights.has(Permissions.Motion.CAN_MANAGE_METADATA):
        return Way.ANYWHERE
    if not submits or motion.get("state_id") is None:
        return None
    state = yield from model("motion_state", motion["state_id"], "submitter_withdraw_state_id", "allow_submitter_edit")
    if state is None:
        return None
    if rights.has(Permissions.Motion.CAN_SEE) and state.get("submitter_withdraw_state_id") == state_id:
        return Way.ANYWHERE
    return Way.ALONG_THE_GRAPH if state.get("allow_submitter_edit") else None


@rule
def may_set_state(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Whoever has a way there; whether it is along the graph is a check of the action."""
    way = yield from way_of(inquiry.user_id, element.id("id"), element.id("state_id"))
    return None if way is not None else f"Missing permission: {Permissions.Motion.CAN_MANAGE_METADATA.value}."
