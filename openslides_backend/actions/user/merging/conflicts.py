"""Why accounts can't be merged (user_merge.md, "Checks")."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from openslides_backend.actions.user.merging.selection import Group, Selection
from openslides_backend.actions.user.merging.tables import KINDS, Kind
from openslides_backend.engine.parts import ids_in
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


def check(selection: Selection, element: Fields, requester_id: int) -> None:
    """Raises BadRequest for what stands against merging these accounts; the primary one must exist."""
    if selection.primary_id in element["user_ids"]:
        raise InvalidField("user_ids", "An account can not be merged into itself.")
    if requester_id in selection.secondary_ids:
        raise InvalidField("user_ids", "You can not merge yourself into another account.")
    if conflicts := list(_voting_conflicts(selection)):
        raise BadRequest(f"The accounts can not be merged: {'; '.join(conflicts)}.")
    _check_nobody_speaks(selection)
    _check_accounts(selection)
    for participation in selection.participations:
        for kind in KINDS:
            for group in participation.objects[kind.collection]:
                _check_agreement(kind, group)


def _voting_conflicts(selection: Selection) -> Iterator[str]:
    yield from _running_polls(selection)
    yield from _delegations(selection)
    yield from _shared(selection, selection.polls_voted_in, "{} have voted in poll/{}")
    yield from _shared(selection, selection.polls_eligible_in, "{} are options of poll/{}")
    yield from _shared(selection, selection.lists_with, "{} are on poll_candidate_list/{}")


def _running_polls(selection: Selection) -> Iterator[str]:
    groups = set(ids_in(selection.members, "group_ids"))
    for poll in selection.started_polls:
        if groups.intersection(poll["entitled_group_ids"] or ()):
            yield f"they are entitled to vote in poll/{poll['id']}, which is going on"


def _delegations(selection: Selection) -> Iterator[str]:
    for meeting_id, members in selection.by_meeting.items():
        ids = {member["id"] for member in members}
        given = {member["vote_delegated_to_id"] for member in members} - {None}
        if given and any(member["vote_delegations_from_ids"] for member in members):
            yield f"in meeting/{meeting_id} one has delegated his vote, and one receives delegations"
        if given & ids:
            yield f"in meeting/{meeting_id} one has delegated his vote to another"


def _shared(selection: Selection, things_of: Callable[[Fields], Iterable[int]], text: str) -> Iterator[str]:
    """A conflict for everything that several of the accounts have."""
    owners: dict[int, list[str]] = {}
    for user in selection.users:
        for id_ in things_of(user):
            owners.setdefault(id_, []).append(make_fqid("user", user["id"]))
    for id_, fqids in sorted(owners.items()):
        if len(fqids) > 1:
            yield text.format(" and ".join(fqids), id_)


def _check_nobody_speaks(selection: Selection) -> None:
    (kind,) = (kind for kind in KINDS if kind.collection == "speaker")
    for speaker in chain.from_iterable(selection.objects_of(kind, member) for member in selection.members):
        if speaker["begin_time"] is not None and speaker["end_time"] is None:
            raise BadRequest(f"The speech of {make_fqid('speaker', speaker['id'])} has not ended.")


def _check_accounts(selection: Selection) -> None:
    if demo := _with(selection.users, "is_demo_user"):
        raise BadRequest(f"{demo} is an account for demonstrations.")
    if foreign := _with([u for u in selection.users if u["id"] != selection.primary_id], "saml_id"):
        raise BadRequest(f"{foreign} logs in by single sign-on.")
    if len({user["member_number"] for user in selection.users} - {None}) > 1:
        raise InvalidField("member_number", "The accounts have different ones.")


def _with(users: Sequence[Fields], name: str) -> str:
    return " and ".join(make_fqid("user", user["id"]) for user in users if user[name])


def _check_agreement(kind: Kind, group: Group) -> None:
    for name in kind.agreed:
        if len({object_[name] for object_ in group.objects}) > 1:
            fqids = " and ".join(make_fqid(kind.collection, object_["id"]) for object_ in group.objects)
            raise BadRequest(f"{fqids} can not be merged: {name} differs.")
