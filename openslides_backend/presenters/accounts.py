"""What may be done with accounts, and where they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openslides_backend.permissions.accounts import Target, account_refusal, target_of
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps, question, until
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import models
from openslides_backend.permissions.rules import Inquiry, Verdict, everybody, logged_in, rule
from openslides_backend.permissions.user_fields import GROUP_OF, Case, FieldGroup, case_of
from openslides_backend.presenting.presenter import IDS, Presenter, takes
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest, ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

MAX_EDITABLE = 10_000
"""Most pairs of user and field that `get_user_editable` tells something about at once."""


class GetUserScope(Presenter):
    """Where accounts belong to, which decides who may change them (user_permissions.md, section 3)."""

    name = "get_user_scope"
    data = takes({"user_ids": IDS})
    permission = logged_in

    def present(self, data: Fields) -> object:
        ids = Element(data).ids("user_ids")
        targets = self.checker.ask_all([target_of(id_) for id_ in ids])
        return {str(id_): _scope(target) for id_, target in zip(ids, targets, strict=True)}


def _scope(target: Target) -> Fields:
    return {
        "collection": target.scope.collection,
        "id": target.scope.id,
        "user_oml": target.level.text,
        "committee_ids": sorted(target.scope.committee_ids),
        "user_in_archived_meetings_only": target.scope.archived_only,
        "home_committee_id": target.home_committee_id,
    }


class GetUserEditable(Presenter):
    """Which fields of accounts the user may change, and what right is missing for the others."""

    name = "get_user_editable"
    data = takes(
        {
            "user_ids": IDS,
            "fields": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
                "uniqueItems": True,
            },
        }
    )
    permission = everybody

    def present(self, data: Fields) -> object:
        ids, names = Element(data).ids("user_ids"), data["fields"]
        if unknown := [name for name in names if name not in GROUP_OF]:
            raise BadRequest(
                f"Nobody needs a right for these fields, or they do not exist: {', '.join(unknown)[:200]}."
            )
        if len(ids) * len(names) > MAX_EDITABLE:
            raise BadRequest(f"At most {MAX_EDITABLE} fields can be asked for at once, those of all users together.")
        if self.context.user_id <= ANONYMOUS:
            return self._of_nobody(ids, names)
        # Other than for `user.update`, user.can_update is not enough here (presenters.md, "get_user_editable").
        asked = [case_of(self.context.user_id, {}, id_, Permissions.User.CAN_MANAGE) for id_ in ids]
        return {
            str(id_): {name: _editable(case, GROUP_OF[name]) for name in names}
            for id_, case in zip(ids, self.checker.ask_all(asked), strict=True)
        }

    def _of_nobody(self, ids: Sequence[int], names: Sequence[str]) -> object:
        """Whatever the accounts are like: judging each of them would cost too much for whoever comes along."""
        stored = self.checker.ask(models("user", ids, "id"))
        if missing := [id_ for id_ in ids if id_ not in stored]:
            raise ModelDoesNotExist(make_fqid("user", missing[0]))
        return {str(id_): dict.fromkeys(names, (False, "Anonymous users may not change accounts.")) for id_ in ids}


_FIRST_OF_ALL_LEVEL = frozenset(FieldGroup) - {FieldGroup.PARTICIPATION, FieldGroup.MEMBERSHIP}


def _editable(case: Case, group: FieldGroup) -> tuple[bool, str]:
    refusal: Verdict = case.level_refusal() if group in _FIRST_OF_ALL_LEVEL else None
    refusal = refusal or case.refusal(group)
    return refusal is None, refusal or ""


@rule
def _may_act_on_all(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """The user may delete each of the accounts in `user_ids` that are stored (user_permissions.md, section 7)."""
    ids = element.ids("user_ids")
    users = yield from models("user", ids, "organization_management_level")
    verdicts = yield from until(
        lambda verdict: verdict is not None,
        [account_refusal(inquiry.user_id, id_, Permissions.User.CAN_MANAGE) for id_ in ids if id_ in users],
    )
    return verdicts[-1] if verdicts else None


_USER = (
    "committee_ids",
    "committee_management_ids",
    "meeting_ids",
    "meeting_user_ids",
    "organization_management_level",
)
_IN_MEETING = ("speaker_ids", "motion_submitter_ids", "assignment_candidate_ids", "locked_out")
_MEETING = ("is_active_in_organization_id", "locked_from_inside", "name")


@dataclass(frozen=True, slots=True)
class _Related:
    """The models around some accounts; `own_meetings` are those of the user who asks."""

    users: Models
    committees: Models
    meeting_users: Models
    meetings: Models
    own_meetings: frozenset[int]


class GetUserRelatedModels(Presenter):
    """What belongs to accounts: level, committees and meetings; to be shown before they are deleted."""

    name = "get_user_related_models"
    data = takes({"user_ids": IDS})
    permission = _may_act_on_all

    def present(self, data: Fields) -> object:
        ids = Element(data).ids("user_ids")
        related = self.checker.ask(_related(ids, self.context.user_id))
        return {str(id_): _models_of(related, id_) for id_ in ids if id_ in related.users}


@question
def _related(ids: tuple[int, ...], user_id: int) -> Steps[_Related]:
    """All models around the accounts, in three reads."""
    asking = (user_id,) if user_id > ANONYMOUS else ()
    everyone = yield from models("user", {*ids, *asking}, *_USER)
    users = {id_: everyone[id_] for id_ in ids if id_ in everyone}
    committees, meeting_users = yield [
        GetMany("committee", _listed(users, "committee_ids"), ("name",)),
        GetMany("meeting_user", _listed(users, "meeting_user_ids"), ("group_ids", "meeting_id", *_IN_MEETING)),
    ]
    participations = {id_: member for id_, member in meeting_users.items() if member.get("group_ids")}
    meeting_ids = {member["meeting_id"] for member in participations.values() if member.get("meeting_id")}
    meetings = yield from models("meeting", sorted(meeting_ids), *_MEETING)
    own_meetings = frozenset(everyone.get(user_id, {}).get("meeting_ids") or ())
    return _Related(users, committees, participations, meetings, own_meetings)


def _listed(users: Models, field: str) -> tuple[int, ...]:
    return tuple(sorted({id_ for user in users.values() for id_ in user.get(field) or ()}))


def _models_of(related: _Related, user_id: int) -> Fields:
    user = related.users[user_id]
    parts: Mapping[str, object] = {
        "organization_management_level": user.get("organization_management_level"),
        "committees": _committees(user_id, user, related.committees),
        "meetings": list(_meetings(user, related)),
    }
    return {name: part for name, part in parts.items() if part}


def _committees(user_id: int, user: ReadOnlyFields, committees: Models) -> list[Fields]:
    ids, managed = user.get("committee_ids") or [], user.get("committee_management_ids") or []
    if ids and not set(managed) <= set(ids):
        raise BadRequest(f"{make_fqid('user', user_id)} manages a committee that it doesn't belong to.")
    return [
        {
            "id": id_,
            "name": committees.get(id_, {}).get("name") or "",
            "cml": "can_manage" if id_ in managed else "",
        }
        for id_ in ids
    ]


def _meetings(user: ReadOnlyFields, related: _Related) -> Iterable[Fields]:
    for meeting_user_id in user.get("meeting_user_ids") or ():
        member = related.meeting_users.get(meeting_user_id)
        meeting_id = (member or {}).get("meeting_id")
        if member is None or meeting_id is None:
            continue
        meeting = related.meetings.get(meeting_id, {})
        is_locked = bool(meeting.get("locked_from_inside"))
        is_open = not is_locked or meeting_id in related.own_meetings
        yield {
            "id": meeting_id,
            "name": meeting.get("name"),
            "is_active_in_organization_id": meeting.get("is_active_in_organization_id"),
            "is_locked": is_locked,
            **{name: member[name] for name in _IN_MEETING if is_open and member.get(name)},
        }
