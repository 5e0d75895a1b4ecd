"""What rules, actions and presenters want to know about users, meetings and committees (permissions.md).

Use them in rules and other questions with `yield from`, elsewhere through `checker.Checker`. Users are ids: 0 is
anonymous, -1 an internal request; neither has a level or a committee. An inactive or missing user has no rights at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from openslides_backend.permissions.evaluation import Steps, question, together
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.permissions import ANONYMOUS_PERMISSIONS, implied_by
from openslides_backend.services.datastore import FilterModels, GetMany
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

_USER = ("committee_management_ids", "is_active", "organization_management_level")
_MEETING = ("anonymous_group_id", "committee_id", "enable_anonymous", "locked_from_inside")
_MEETING_USER = ("group_ids", "locked_out", "meeting_id", "user_id", "vote_delegated_to_id")
_GROUP = ("admin_group_for_meeting_id", "permissions")
_COMMITTEE = ("all_parent_ids",)


class _Existing(Record):
    """A model that a rule can't be judged without, and so not without those of its fields that it demands."""

    __slots__ = ("_fqid",)

    def __init__(self, fields: Fields, asked: tuple[str, ...], fqid: str) -> None:
        super().__init__(fields, asked)
        self._fqid = fqid

    def __missing__(self, name: str) -> NoReturn:
        super().__missing__(name)
        raise BadRequest(f"Model '{self._fqid}' has no '{name}'.")


@question
def models(collection: str, ids: Iterable[int], *fields: str) -> Steps[Models]:
    """The live models among these, by id, as `Record`s; no fields named means all fields."""
    found: Models
    (found,) = yield [GetMany(collection, tuple(ids), fields)]
    return found


@question
def model(collection: str, id_: int, *fields: str) -> Steps[Fields | None]:
    """A live model, or None."""
    return (yield from models(collection, (id_,), *fields)).get(id_)


@question
def existing(collection: str, id_: int, *fields: str) -> Steps[Fields]:
    """A live model; `model["field"]` raises BadRequest where the field isn't set.

    Raises ModelDoesNotExist if there is none.
    """
    found = _present((yield from model(collection, id_, *fields)), collection, id_)
    return _Existing(found, fields, make_fqid(collection, id_))


@question
def meeting_of(collection: str, id_: int) -> Steps[int]:
    """The id of the meeting that a model belongs to; of a meeting its own id (which isn't looked up).

    Raises ModelDoesNotExist, or BadRequest if the model belongs to no meeting.
    """
    if collection == "meeting":
        return id_
    meeting_id: int | None = (yield from existing(collection, id_, "meeting_id")).get("meeting_id")
    if meeting_id is None:
        raise BadRequest(f"Model '{make_fqid(collection, id_)}' belongs to no meeting.")
    return meeting_id


@question
def level_of(user_id: int) -> Steps[Level]:
    """The organization management level."""
    if user_id <= ANONYMOUS:
        return Level.NONE
    return _level((yield from model("user", user_id, *_USER)))


@question
def is_active(user_id: int) -> Steps[bool]:
    """Whether there is such a user, who isn't deleted and may act; True for anonymous and internal requests."""
    return user_id <= ANONYMOUS or _is_active((yield from model("user", user_id, *_USER)))


@question
def manages_committee(user_id: int, committee_id: int | None) -> Steps[bool]:
    """Whether the user manages the committee or one above it, or has OML `can_manage_organization`.

    With that level the committee needn't be stored; None is no committee.
    """
    if user_id <= ANONYMOUS:
        return False
    ids = () if committee_id is None else (committee_id,)
    users, committees = yield [GetMany("user", (user_id,), _USER), GetMany("committee", ids, _COMMITTEE)]
    user = users.get(user_id)
    return _level(user) >= Level.CAN_MANAGE_ORGANIZATION or _is_below(committee_id, committees, _managed(user))


@question
def manages_all(user_id: int, committee_ids: Iterable[int]) -> Steps[bool]:
    """Whether the user manages each of the committees (True if there are none)."""
    return all((yield from together(manages_committee(user_id, id_) for id_ in committee_ids)))


@question
def manages_meeting(user_id: int, meeting_id: int) -> Steps[bool]:
    """Whether the user manages the committee of the meeting, locked from inside or not.

    Raises ModelDoesNotExist if there is no such meeting.
    """
    user_ids = (user_id,) if user_id > ANONYMOUS else ()
    _, meetings = yield [GetMany("user", user_ids, _USER), GetMany("meeting", (meeting_id,), _MEETING)]
    meeting = _present(meetings.get(meeting_id), "meeting", meeting_id)
    return (yield from manages_committee(user_id, meeting.get("committee_id")))


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may do in one meeting. `permissions` are those stored in the groups: ask `has`, admins need none."""

    is_admin: bool = False
    permissions: frozenset[str] = frozenset()

    def has(self, permission: str) -> bool:
        """Whether the permission is held, itself or by one that contains it."""
        return self.is_admin or not self.permissions.isdisjoint(implied_by(permission))


_NOTHING = Rights()
_EVERYTHING = Rights(is_admin=True)


@question
def rights_in(user_id: int, meeting_id: int) -> Steps[Rights]:
    """Everything about the permissions of a user in a meeting, to be asked once where several are of interest.

    One read for those who manage the meeting from outside, two for others. Raises ModelDoesNotExist if there is no
    such meeting.
    """
    if user_id < ANONYMOUS:
        return _NOTHING
    if user_id == ANONYMOUS:
        return (yield from _rights_of_anonymous(meeting_id))
    users, meetings, memberships = yield [
        GetMany("user", (user_id,), _USER),
        GetMany("meeting", (meeting_id,), _MEETING),
        _membership(user_id, meeting_id),
    ]
    meeting = _present(meetings.get(meeting_id), "meeting", meeting_id)
    user, member = users.get(user_id), _first(memberships.models)
    if not _is_active(user):
        return _NOTHING
    committee_id = meeting.get("committee_id")
    managed: frozenset[int] = frozenset()
    if not meeting.get("locked_from_inside"):
        managed = _managed(user)
        if _level(user) >= Level.CAN_MANAGE_ORGANIZATION or committee_id in managed:
            return _EVERYTHING
    group_ids = () if member is None or member.get("locked_out") else tuple(member.get("group_ids") or ())
    committee_ids = (committee_id,) if managed and committee_id is not None else ()
    groups, committees = yield [GetMany("group", group_ids, _GROUP), GetMany("committee", committee_ids, _COMMITTEE)]
    if _is_below(committee_id, committees, managed):
        return _EVERYTHING
    return _rights_of_groups(groups, meeting_id)


@question
def has_permission(user_id: int, meeting_id: int, permission: str) -> Steps[bool]:
    """Whether the user has the permission in the meeting.

    Raises ModelDoesNotExist if there is no such meeting (not for internal requests, which have none at all).
    """
    return (yield from rights_in(user_id, meeting_id)).has(permission)


@question
def is_admin(user_id: int, meeting_id: int) -> Steps[bool]:
    """Whether the user is in the admin group, or manages the committee of a meeting that isn't locked from inside.

    Who is locked out is no admin by the group. Raises ModelDoesNotExist if there is no such meeting.
    """
    return (yield from rights_in(user_id, meeting_id)).is_admin


@question
def meeting_user_of(user_id: int, meeting_id: int) -> Steps[Fields | None]:
    """The participation: `group_ids`, `locked_out`, `vote_delegated_to_id` where set, and its `id`; None if none."""
    if user_id <= ANONYMOUS:
        return None
    (found,) = yield [_membership(user_id, meeting_id)]
    return _first(found.models)


@question
def groups_of(user_id: int, meeting_id: int) -> Steps[frozenset[int]]:
    """The ids of the user's own groups in the meeting, locked out or not; none for anonymous."""
    member = yield from meeting_user_of(user_id, meeting_id)
    return frozenset((member or {}).get("group_ids") or ())


@question
def is_own_meeting_user(user_id: int, meeting_user_id: int | None) -> Steps[bool]:
    """Whether the meeting user is one of the user's; None is nobody's, and so is one that isn't stored any more."""
    if meeting_user_id is None or user_id <= ANONYMOUS:
        return False
    member = yield from model("meeting_user", meeting_user_id, *_MEETING_USER)
    return member is not None and member.get("user_id") == user_id


@question
def is_restricted_delegator(user_id: int, meeting_id: int, setting: str) -> Steps[bool]:
    """Whether the user has delegated the vote and the meeting forbids delegators what `setting` names.

    `setting` is a field like `users_forbid_delegator_as_submitter` (actions/_shared.md, "Delegator restriction").
    Raises ModelDoesNotExist if there is no such meeting.
    """
    if user_id <= ANONYMOUS:
        return False
    fields = ("users_enable_vote_delegations", setting)
    meetings, memberships = yield [GetMany("meeting", (meeting_id,), fields), _membership(user_id, meeting_id)]
    meeting = _present(meetings.get(meeting_id), "meeting", meeting_id)
    delegated = any(member.get("vote_delegated_to_id") for member in memberships.models.values())
    return delegated and all(meeting.get(field) for field in fields)


@question
def _rights_of_anonymous(meeting_id: int) -> Steps[Rights]:
    meeting = yield from existing("meeting", meeting_id, *_MEETING)
    group_id = meeting.get("anonymous_group_id")
    if not meeting.get("enable_anonymous") or group_id is None:
        return _NOTHING
    group = yield from model("group", group_id, *_GROUP)
    # No other permission can be given to this group: what says otherwise is broken data.
    return Rights(permissions=ANONYMOUS_PERMISSIONS.intersection((group or {}).get("permissions") or ()))


def _membership(user_id: int, meeting_id: int) -> FilterModels:
    return FilterModels("meeting_user", equals(user_id=user_id, meeting_id=meeting_id), _MEETING_USER)


def _first(found: Models) -> Fields | None:
    """The one participation. Should there be several, the oldest counts."""
    if not found:
        return None
    id_ = min(found)
    return Record({**found[id_], "id": id_}, (*_MEETING_USER, "id"))


def _rights_of_groups(groups: Models, meeting_id: int) -> Rights:
    return Rights(
        is_admin=any(group.get("admin_group_for_meeting_id") == meeting_id for group in groups.values()),
        permissions=frozenset(name for group in groups.values() for name in group.get("permissions") or ()),
    )


def _present(found: Fields | None, collection: str, id_: int) -> Fields:
    if found is None:
        raise ModelDoesNotExist(make_fqid(collection, id_))
    return found


def _level(user: ReadOnlyFields | None) -> Level:
    if user is None or not _is_active(user):
        return Level.NONE
    return Level.of(user.get("organization_management_level"))


def _managed(user: ReadOnlyFields | None) -> frozenset[int]:
    if user is None or not _is_active(user):
        return frozenset()
    return frozenset(user.get("committee_management_ids") or ())


def _is_active(user: ReadOnlyFields | None) -> bool:
    return user is not None and bool(user.get("is_active"))


def _is_below(committee_id: int | None, committees: Models, managed: frozenset[int]) -> bool:
    """Whether the committee or one above it is among the managed ones."""
    if committee_id is None:
        return False
    above = committees.get(committee_id, {}).get("all_parent_ids") or ()
    return committee_id in managed or not managed.isdisjoint(above)
