"""How forwarded motions tell who submitted them (motion_forwarding.md, "F4")."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from openslides_backend.actions.motion.forwarding_tree import Copy
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.i18n.translations import translate
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields, Models, ReadOnlyFields

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
        members = _values(submitters.values(), "meeting_user_id")
        self._members = uow.get_many("meeting_user", members, *_MEMBER)
        levels = {id_ for member in self._members.values() for id_ in member.get("structure_level_ids") or ()}
        users = _values(self._members.values(), "user_id")
        self._users = uow.get_many("user", users, *_USER)
        self._levels = uow.get_many("structure_level", sorted(levels), "name")

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
        return None if user is None else full_name(user, _level_names(member, self._levels))


def full_name(user: ReadOnlyFields, levels: Sequence[str]) -> str:
    """The name of a user with pronoun and structure levels, as in "King (Kong · very)"."""
    short = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip() or f"User {user['id']}"
    notes = " · ".join(filter(None, [user.get("pronoun"), ", ".join(levels)]))
    parts = [user.get("title"), short, f"({notes})" if notes else ""]
    return " ".join(part for part in parts if part).strip()


def _level_names(member: ReadOnlyFields, levels: Models) -> list[str]:
    return [levels[id_]["name"] for id_ in member.get("structure_level_ids") or () if id_ in levels]


def _values(models: Iterable[Mapping[str, int | None]], name: str) -> list[int]:
    return sorted({value for model in models if (value := model.get(name)) is not None})
