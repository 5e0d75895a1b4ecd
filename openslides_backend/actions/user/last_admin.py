"""No meeting loses its last admin (user_permissions.md, section 13)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from openslides_backend.actions.shared.participation import participations
from openslides_backend.engine.action import blaming
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

MEETING = ("admin_group_id", "template_for_organization_id")
_GROUP = ("admin_group_for_meeting_id", "meeting_user_ids")


def check_last_admin_on_update(uow: UnitOfWork, elements: Sequence[Fields]) -> None:
    """Judge elements that give groups in a meeting, all of them together.

    One read where the meetings' admin groups are left out of the given groups. Raises BadRequest.
    """
    changed = [(i, e) for i, e in enumerate(elements) if e.get("meeting_id") and e.get("group_ids") is not None]
    uow.load("meeting", [element["meeting_id"] for _, element in changed], *MEETING)
    losing: defaultdict[int, list[tuple[int, Fields]]] = defaultdict(list)
    kept: set[int] = set()
    for index, element in changed:
        group_id = _admin_group(uow, element["meeting_id"])
        if group_id is None:
            continue
        if group_id in element["group_ids"]:
            kept.add(group_id)
        else:
            losing[group_id].append((index, element))
    groups = {group_id: losing[group_id] for group_id in losing if group_id not in kept}
    if not groups:
        return
    pairs = {(element["id"], element["meeting_id"]) for work in groups.values() for _, element in work}
    uow.load("group", groups, *_GROUP)
    gone = {member["id"] for member in participations(uow, pairs).values()}
    for group_id, work in groups.items():
        with blaming(work[0][0]):
            _check(uow, group_id, gone)


def check_last_admin_on_delete(uow: UnitOfWork, user_ids: Iterable[int]) -> None:
    """Judge the deletion of users, all of them together; three reads. Raises BadRequest."""
    users = list(user_ids)
    uow.load("user", users, "meeting_user_ids")
    gone = {
        m for user in users for m in (uow.find_fields("user", user, "meeting_user_ids")).get("meeting_user_ids", ())
    }
    members = uow.get_many("meeting_user", sorted(gone), "group_ids", "meeting_id")
    meetings = sorted({member["meeting_id"] for member in members.values() if "meeting_id" in member})
    groups = sorted({group_id for member in members.values() for group_id in member.get("group_ids") or ()})
    uow.prefetch([GetMany("group", tuple(groups), _GROUP), GetMany("meeting", tuple(meetings), MEETING)])
    for group_id in groups:
        group = uow.find_fields("group", group_id, *_GROUP)
        meeting_id = group.get("admin_group_for_meeting_id")
        if meeting_id is not None and not _is_template(uow, meeting_id):
            _check(uow, group_id, gone)


def _admin_group(uow: UnitOfWork, meeting_id: int) -> int | None:
    """The admin group that must not be emptied, if there is one."""
    group_id: int | None = (uow.find_fields("meeting", meeting_id, *MEETING)).get("admin_group_id")
    return None if _is_template(uow, meeting_id) else group_id


def _is_template(uow: UnitOfWork, meeting_id: int) -> bool:
    return bool((uow.find_fields("meeting", meeting_id, *MEETING)).get("template_for_organization_id"))


def _check(uow: UnitOfWork, group_id: int, gone: set[int]) -> None:
    members = (uow.find_fields("group", group_id, *_GROUP)).get("meeting_user_ids") or ()
    if members and gone.issuperset(members):
        raise InvalidField("group_ids", f"The admin group group/{group_id} would lose its last member.")
