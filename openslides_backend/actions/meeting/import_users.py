"""Who the users of an imported meeting are (meeting_clone_import.md, "Users")."""

from collections.abc import Iterable, Mapping

from openslides_backend.actions.user.hashing import PasswordMaker
from openslides_backend.actions.user.unique import UNIQUE, FreeNames, Holders
from openslides_backend.engine.action import Action
from openslides_backend.engine.run import ids_of
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import User
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields, ReadOnlyFields

_NAMES = ("username", "first_name", "last_name", "email")
_LIMIT = "limit_of_users"


def _identity(user: ReadOnlyFields) -> tuple[str, ...]:
    """What an imported and a stored account must have in common to be one."""
    username, first_name, last_name, email = (user.get(name) or "" for name in _NAMES)
    return username, first_name, last_name, email.lower()


class ImportedUsers:
    """The users of a meeting object: each is merged into a stored one, or new. `merged` are the ids of stored users by
    those in the object.
    """

    def __init__(self, action: Action, users: Iterable[Fields]) -> None:
        self._action = action
        self._uow = action.uow
        self._users = {user["id"]: user for user in users}
        self._holders = {name: Holders(self._uow, name) for name in UNIQUE}
        self.merged: Mapping[int, int] = self._merge()
        self.new = {id_: user for id_, user in self._users.items() if id_ not in self.merged}

    def check(self) -> None:
        """Raises BadRequest if there would be too many active users, or two with the same of what must be unique."""
        self._check_limit()
        for name in UNIQUE[1:]:
            holders = self._holders[name]
            for id_, user in self.new.items():
                if value := user.get(name):
                    if not holders.is_free(value, -id_):
                        raise BadRequest(f"user/{id_}/{name}: '{value}' is in use already.")
                    holders.take(value, -id_)

    def name(self) -> None:
        """Give the new ones free usernames, in place."""
        holders = self._holders["username"]
        names = FreeNames(holders, [user["username"] for user in self.new.values()])
        for id_, user in self.new.items():
            user["username"] = names.next(user["username"])
            holders.take(user["username"], -id_)

    def write(self, ids: Mapping[int, int], genders: Mapping[int, str]) -> None:
        """Complete the new accounts, which have been created with these ids: organization, genders, passwords."""
        gender_ids = self._genders(genders)
        places = {
            ids[id_]: {"organization_id": ORGANIZATION_ID, "gender_id": gender_ids.get(genders.get(id_, ""))}
            for id_ in self.new
        }
        relations = self._action.run.relations
        relations.load(User, [{"id": id_, **place} for id_, place in places.items()])
        for id_, place in places.items():
            relations.update(User, id_, place)
        maker = PasswordMaker(self._action.run)
        passwords = {ids[id_]: maker.generate() for id_ in self.new}
        for (id_, password), hash_ in zip(
            passwords.items(), maker.hash_generated(list(passwords.values())), strict=True
        ):
            self._uow.update("user", id_, {"default_password": password, "password": hash_})

    def _merge(self) -> dict[int, int]:
        usernames = {user["username"] for user in self._users.values()}
        if not usernames:
            return {}
        same = any_of("username", usernames)
        values = {name: [v for user in self._users.values() if (v := user.get(name))] for name in UNIQUE}
        self._uow.prefetch(
            [
                filter_query("user", same, *_NAMES),
                *(q for name in UNIQUE for q in self._holders[name].needs(values[name])),
            ]
        )
        for name in UNIQUE:
            self._holders[name].ask(values[name])
        stored: dict[tuple[str, ...], int] = {}
        for id_, user in self._uow.filter("user", same, *_NAMES).items():
            stored.setdefault(_identity(user), id_)
        return {id_: stored[key] for id_, user in self._users.items() if (key := _identity(user)) in stored}

    def _check_limit(self) -> None:
        new = sum(bool(user.get("is_active")) for user in self.new.values())
        limit = self._uow.find_fields("organization", ORGANIZATION_ID, _LIMIT)[_LIMIT]
        if new and limit and new + self._uow.count("user", any_of("is_active", [True])) > limit:
            raise BadRequest(f"The limit of {limit} active users would be exceeded: {new} are new.")

    def _genders(self, genders: Mapping[int, str]) -> dict[str, int]:
        """The ids of the genders of new users by their names; those that aren't there yet are made."""
        wanted = {genders[id_] for id_ in self.new if genders.get(id_)}
        if not wanted:
            return {}
        found = self._uow.filter("gender", any_of("name", wanted), "name")
        ids = {gender["name"]: id_ for id_, gender in sorted(found.items(), reverse=True)}
        missing = sorted(wanted - ids.keys())
        made = ids_of(self._action.execute("gender.create", [{"name": name} for name in missing]))
        return ids | dict(zip(missing, made, strict=True))
