"""How forwarded motions tell who submitted them (motion_forwarding.md, "F4")."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from openslides_backend.actions.motion.forwarding_tree import Copy
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.i18n.translations import translate
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_DEFAULT_WEIGHT = 10000
_USER = ("id", "title", "first_name", "last_name", "pronoun")
_MEMBER = ("user_id", "structure_level_ids")
_SUBMITTER = ("motion_id", "meeting_user_id", "weight")


class OriginalSubmitters:
    """The names of the submitters of motions, read in bulk: three reads for any number of motions."""

    def __init__(self, uow: UnitOfWork, motion_ids: Iterable[int]) -> None:
        ids = set(motion_ids)
        submitters = uow.filter("motion_submitter", any_of("motion_id", ids), *_SUBMITTER) if ids else {}
        self._by_motion: defaultdict[int, list[Fields]] = defaultdict(list)
        for submitter in submitters.values():
            self._by_motion[submitter["motion_id"]].append(submitter)
        self._members = uow.get_many("meeting_user", ids_in(submitters.values(), "meeting_user_id"), *_MEMBER)
        members = self._members.values()
        self._users = uow.get_many("user", ids_in(members, "user_id"), *_USER)
        self._levels = uow.get_many("structure_level", ids_in(members, "structure_level_ids"), "name")

    def text(self, copy: Copy, language: str) -> str | None:
        """The names of a motion's submitters and what else it says of them; None if there is nothing to say."""
        own = sorted(
            self._by_motion[copy.origin["id"]], key=lambda submitter: submitter.get("weight") or _DEFAULT_WEIGHT
        )
        names = [name for submitter in own if (name := self._name(submitter, language))]
        return ", ".join([*names, *filter(None, [copy.origin["additional_submitter"]])]) or None

    def _name(self, submitter: ReadOnlyFields, language: str) -> str | None:
        member_id = submitter.get("meeting_user_id")
        if member_id is None:
            return translate("Deleted user", language)
        member = self._members.get(member_id, {})
        user = self._users.get(member.get("user_id") or 0)
        if user is None:
            return None
        levels = [level for id_ in member.get("structure_level_ids") or () if (level := self._levels.get(id_))]
        return full_name(user, [level["name"] for level in levels])


def full_name(user: ReadOnlyFields, levels: Sequence[str]) -> str:
    """The name of a user with pronoun and structure levels, as in "King (Kong · very)"."""
    short = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip() or f"User {user['id']}"
    notes = " · ".join(filter(None, [user.get("pronoun"), ", ".join(levels)]))
    parts = [user.get("title"), short, f"({notes})" if notes else ""]
    return " ".join(part for part in parts if part).strip()
