"""Merge accounts into one (user_merge.md)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from openslides_backend.actions.user.merging import conflicts
from openslides_backend.actions.user.merging.selection import Selection, ids_of_selected, needs
from openslides_backend.actions.user.merging.tables import KINDS
from openslides_backend.actions.user.merging.work import Merging, touched
from openslides_backend.actions.user.sessions import end_sessions
from openslides_backend.engine.action import Action, Part
from openslides_backend.engine.parts import Author
from openslides_backend.engine.payload import IDS, Payload
from openslides_backend.models.models import User
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.questions import level_of, models
from openslides_backend.permissions.rules import Inquiry, Verdict, rule
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import InvalidField, ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields

_LEVEL = "organization_management_level"
_PERSONAL = (
    "title",
    "first_name",
    "last_name",
    "email",
    "default_password",
    "member_number",
    "pronoun",
    "is_active",
    "is_physical_person",
    "gender_id",
    "default_vote_weight",
)


@rule
def may_merge(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    """A level of the organization that lets one manage users, and is none below those of the accounts."""
    level = yield from level_of(inquiry.user_id)
    if level < Level.CAN_MANAGE_USERS:
        return f"Missing organization management level: {Level.CAN_MANAGE_USERS.text}."
    users = yield from models("user", [element.id("id"), *element.ids("user_ids")], _LEVEL)
    if any(level < Level.of(user.get(_LEVEL)) for user in users.values()):
        return "One of the users has a higher organization management level than you."
    return None


class _SelectedOnce(Part):
    """No account is named by several elements."""

    def prepare(self, elements: list[Fields]) -> None:
        self._named = Counter(id_ for element in elements for id_ in set(ids_of_selected(element)))

    def check(self, element: Fields) -> None:
        for id_ in ids_of_selected(element):
            if self._named[id_] > 1:
                raise InvalidField("user_ids", f"{make_fqid('user', id_)} is named by several elements.")


class _Accounts(Part):
    """The accounts that elements name with all that is theirs, looked at once as long as nothing is changed."""

    def bind(self, action: Action) -> Self:
        bound = super().bind(action)
        bound._found = {}
        return bound

    _found: dict[int, Selection]

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return needs(self.uow, elements)

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        amounts: Counter[str] = Counter()
        for selection in map(self.of, elements):
            amounts["meeting_user"] += sum(p.members.foreign for p in selection.participations)
            for kind in KINDS:
                if kind.created_by:
                    amounts[kind.collection] += sum(group.foreign for _, group in touched(selection, kind))
        return amounts

    def of(self, element: Fields) -> Selection:
        """The accounts that the element names."""
        if element["id"] not in self._found:
            self._found[element["id"]] = Selection(self.uow, element)
        return self._found[element["id"]]

    def forget(self) -> None:
        """Look anew: something has been changed."""
        self._found.clear()


class UserMergeTogether(Action):
    """Merge accounts with everything that hangs on them into one, and delete the others.

    What becomes of it stands in the tables (`tables`). Archived meetings are merged as well.
    """

    name = "user.merge_together"
    model = User
    payload = Payload(
        User, required=["id"], not_null=["username"], optional=_PERSONAL, extra_required={"user_ids": IDS}
    )
    permission = may_merge
    archived_exempt = True
    result_is_null = True
    parts = (_SelectedOnce(), Author())
    accounts = _Accounts()

    def prepare(self, elements: list[Fields]) -> None:
        self._told_before = self.run.history.mark()
        self._merged: list[Selection] = []

    def check(self, element: Fields) -> None:
        selection = self.accounts.of(element)
        if not selection.has_primary:
            raise ModelDoesNotExist(make_fqid("user", selection.primary_id), "id")
        conflicts.check(selection, element, self.run.user_id)

    def apply(self, element: Fields) -> None:
        """Merge the accounts of one element."""
        selection = self.accounts.of(element)
        merging = Merging(self, selection)
        merging.merge_polls()
        merging.merge_members()
        merging.merge_objects()
        merging.merge_accounts({name: element[name] for name in ("username", *_PERSONAL) if name in element})
        merging.delete_secondaries()
        self.accounts.forget()
        self._merged.append(selection)

    def follow_up(self, elements: Sequence[Fields]) -> None:
        for selection in self._merged:
            for user_id in selection.secondary_ids:
                end_sessions(self.run, user_id)

    def tell_history(self, elements: Sequence[Fields]) -> None:
        """Of the merge only, not of what was done for it."""
        self.run.history.forget_since(self._told_before)
        for selection in self._merged:
            self._tell(selection)

    def _tell(self, selection: Selection) -> None:
        for kind in KINDS:
            if kind.told:
                collection, text = kind.told
                places = [group.main[f"{collection}_id"] for p, group in touched(selection, kind) if p.shared]
                for id_ in dict.fromkeys(filter(None, places)):
                    self.tell(make_fqid(collection, id_), text)
        primary = make_fqid("user", selection.primary_id)
        others = [make_fqid("user", id_) for id_ in selection.secondary_ids]
        sources = ", ".join("{}" for _ in others) or "nobody"
        self.tell(primary, f"Updated with data from {sources}", *others)
        for other in others:
            self.tell(other, "Merged into {}", primary)
