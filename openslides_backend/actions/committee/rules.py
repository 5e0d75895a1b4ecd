"""Who may create and change which committee (committee.md)."""

from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import (
    existing,
    level_of,
    manages_all,
    manages_committee,
    model,
    models,
)
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.permissions.user_fields import takes_over_one
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import ReadOnlyFields

FORWARDINGS = ("forward_to_committee_ids", "receive_forwardings_from_committee_ids")
"""Both sides of the relation that lets motions go from one committee to another."""

_TAKES_OVER = "This would give you rights for the account of one of the managers."
_NO_FORWARDING = "Only managers of all committees that are added to or removed from the forwardings are."


@rule
def may_create(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Managers of the parent may, if there is one."""
    parent_id = element.optional_id("parent_id") or None
    if parent_id is None:
        if (yield from level_of(inquiry.user_id)) < Level.CAN_MANAGE_ORGANIZATION:
            return f"Missing organization management level: {Level.CAN_MANAGE_ORGANIZATION.text}."
    elif not (yield from manages_committee(inquiry.user_id, parent_id)):
        if inquiry.user_id > ANONYMOUS:
            yield from existing("committee", parent_id, "all_parent_ids")
        return f"Only managers of committee {parent_id} are."
    elif (yield from takes_over_one(inquiry.user_id, element.ids("manager_ids"), parent_id)):
        return _TAKES_OVER
    return (yield from _may_forward(inquiry.user_id, element))


@rule
def may_update(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """Managers may; moving it and choosing its managers takes more."""
    user_id, committee_id = inquiry.user_id, element.id("id")
    if user_id <= ANONYMOUS:
        return "Anonymous users are not."
    verdict = yield from _may_forward(user_id, element)
    if verdict is not None or (yield from level_of(user_id)) >= Level.CAN_MANAGE_ORGANIZATION:
        return verdict
    committee = yield from existing("committee", committee_id, "parent_id", "all_parent_ids")
    if element.has("parent_id"):
        verdict = yield from _may_move(user_id, committee, element.optional_id("parent_id"))
        if verdict is not None:
            return verdict
    if element.has("manager_ids") and (yield from _is_restricted("restrict_editing_same_level_committee_admins")):
        parent_id = committee.get("parent_id")
        if parent_id is None or not (yield from manages_committee(user_id, parent_id)):
            return f"Only managers of the parent of committee {committee_id} may choose its managers."
    elif not (yield from manages_committee(user_id, committee_id)):
        return f"Only managers of committee {committee_id} are."
    return _TAKES_OVER if (yield from takes_over_one(user_id, element.ids("manager_ids"), committee_id)) else None


@question
def _may_move(user_id: int, committee: ReadOnlyFields, parent_id: int | None) -> Steps[Verdict]:
    """Who manages a committee that is above the old place and above, or at, the new one."""
    if parent_id is None:
        return "Only organization managers may make it a committee without a parent."
    new = yield from existing("committee", parent_id, "parent_id", "all_parent_ids")
    user = (yield from model("user", user_id, "committee_management_ids")) or {}
    common = set(committee.get("all_parent_ids") or ()) & {parent_id, *(new.get("all_parent_ids") or ())}
    if common.isdisjoint(user.get("committee_management_ids") or ()):
        return "Only managers of a committee above the old and the new parent are."
    return None


@question
def _may_forward(user_id: int, element: Element) -> Steps[Verdict]:
    """The forwarding rule: all committees that the forwardings gain or lose must be managed.

    Raises BadRequest if the organization keeps the forwardings to its own managers.
    """
    given = [name for name in FORWARDINGS if element.has(name)]
    if not given or (yield from level_of(user_id)) >= Level.CAN_MANAGE_ORGANIZATION:
        return None
    if (yield from _is_restricted("restrict_edit_forward_committees")):
        raise BadRequest(f"{given[0]}: only organization managers may change forwardings.")
    stored = {}
    if element.has("id"):
        stored = yield from existing("committee", element.id("id"), *FORWARDINGS)
    changed = {id_ for name in given for id_ in set(element.ids(name)) ^ set(stored.get(name) or ())}
    known = yield from models("committee", sorted(changed), "all_parent_ids")
    return None if (yield from manages_all(user_id, known)) else _NO_FORWARDING


@question
def _is_restricted(setting: str) -> Steps[bool]:
    organization = yield from model("organization", ORGANIZATION_ID, setting)
    return bool((organization or {}).get(setting))
