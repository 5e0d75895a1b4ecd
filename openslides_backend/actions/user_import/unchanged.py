"""Leaves out what is stored already: importing a table again changes nothing, and costs next to nothing."""

from collections.abc import Iterator, Mapping, Sequence

from openslides_backend.actions.shared.participation import participation_needs, participations
from openslides_backend.actions.user.fields import TRIMMED
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.fields import FieldError
from openslides_backend.models.models import MeetingUser
from openslides_backend.permissions.user_fields import ACCOUNT_FIELDS, PARTICIPANT_FIELDS
from openslides_backend.services.datastore import GetMany
from openslides_backend.shared.typing import Fields, ReadOnlyFields

ACCOUNT = (*ACCOUNT_FIELDS, "password", "meeting_ids", "committee_ids")
"""What values are compared with: the fields of accounts that an import reads at once."""
_PLACE = ("id", "meeting_id")


def changed_elements(uow: UnitOfWork, elements: Sequence[Fields]) -> Iterator[Fields]:
    """Those of the elements of `user.update` that change something, without values that are stored already.

    What such a value brings about besides counts, too: an account that logs in by single sign-on loses its password,
    an external one its home committee. Two reads.
    """
    pairs = {(element["id"], element["meeting_id"]) for element in elements if "meeting_id" in element}
    ids = tuple(element["id"] for element in elements)
    meeting_ids = tuple({meeting_id for _, meeting_id in pairs})
    places = GetMany("meeting", meeting_ids, ("committee_id",))
    uow.prefetch([GetMany("user", ids, ACCOUNT), places, *participation_needs(uow, pairs)])
    committees = {id_: m["committee_id"] for id_, m in uow.get_many("meeting", meeting_ids, "committee_id").items()}
    accounts = uow.get_many("user", ids, *ACCOUNT)
    members = participations(uow, pairs)
    comments = uow.get_many("meeting_user", [member["id"] for member in members.values()], "comment")
    for element in elements:
        account = accounts.get(element["id"], {})
        member = members.get((element["id"], element.get("meeting_id", 0)))
        stored = {**account, **({} if member is None else {**member, "comment": comments[member["id"]]["comment"]})}
        joins = "meeting_id" in element and not _takes_part(stored, element["meeting_id"], committees)
        if joins or _is_involved(element, account):
            yield element
            continue
        changed = {name: value for name, value in element.items() if name in _PLACE or _differs(name, value, stored)}
        if not any(name in PARTICIPANT_FIELDS for name in changed if name != "meeting_id"):
            changed.pop("meeting_id", None)
        if len(changed) > 1:
            yield changed


def _takes_part(stored: ReadOnlyFields, meeting_id: int, committees: Mapping[int, int | None]) -> bool:
    """Whether the account takes part in the meeting, and what is calculated of that is stored, too."""
    is_known = meeting_id in (stored.get("meeting_ids") or ())
    return is_known and committees.get(meeting_id) in (stored.get("committee_ids") or ()) and "group_ids" in stored


def _is_involved(element: ReadOnlyFields, account: ReadOnlyFields) -> bool:
    """Whether a value must be handed on though it is stored."""
    loses_password = element.get("saml_id") and account.get("password")
    return bool(loses_password or (element.get("external") and account.get("home_committee_id")))


def _differs(name: str, value: object, stored: ReadOnlyFields) -> bool:
    """Whether the value would change something, in the form in which it would be stored."""
    if isinstance(value, str):
        value = _as_stored(name, value)
    return stored.get(name) != value


def _as_stored(name: str, text: str) -> str:
    if name in TRIMMED:
        return text.strip()
    try:
        return MeetingUser.comment.clean_html(text) if name == "comment" else text
    except FieldError:
        return text
