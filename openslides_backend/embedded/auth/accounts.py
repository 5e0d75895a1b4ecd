"""The accounts as the auth service sees them: in the datastore, which owns them (auth.md)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from openslides_backend.services.datastore import (
    DatastoreReader,
    FilterModels,
    Found,
    GetMany,
    UpdateEvent,
    WriteRequest,
)
from openslides_backend.services.passwords import hash_password, needs_new_hash, verify_password
from openslides_backend.shared.context import INTERNAL
from openslides_backend.shared.exceptions import AuthenticationFailed, ModelLocked, ServiceError
from openslides_backend.shared.filters import equals
from openslides_backend.shared.fqid import make_fqid

logger = logging.getLogger(__name__)

_WRONG_LOGIN = "Username or password is incorrect."
_ACCOUNT_FIELDS = ("id", "password", "is_active", "last_login")
_LOGIN_FIELDS = ("username", *_ACCOUNT_FIELDS)


class UserStore(DatastoreReader, Protocol):
    """What is needed of the datastore."""

    def write(self, requests: Sequence[WriteRequest]) -> None:
        """Write all or nothing.

        Raises ModelLocked or ServiceError.
        """


@dataclass(frozen=True, slots=True)
class Account:
    """An active account as it was when somebody logged in with it; `password` is its stored hash, if it has one.

    `last_login` is when that happened the last time before, in seconds since 1970.
    """

    id: int
    password: str | None = field(default=None, repr=False)
    last_login: int | None = None


class Accounts:
    """Looks at accounts; safe to be shared between threads. All methods raise ServiceError if the datastore fails."""

    def __init__(self, datastore: UserStore) -> None:
        self._datastore = datastore

    def check_login(self, username: str, password: str) -> Account:
        """The account with this name and password; one for single sign-on only has no password.

        A hash of an older form is replaced. Raises AuthenticationFailed.
        """
        found: Found = self._datastore.read([FilterModels("user", equals(username=username), _LOGIN_FIELDS)])[0]
        # The filter compares text forms, a name must be the same.
        users = [(id_, user) for id_, user in found.models.items() if user.get("username") == username]
        id_, user = users[0] if len(users) == 1 else (0, {})
        stored = user.get("password")
        # Also without an account: the time of the answer must not tell who exists.
        if not verify_password(password, stored) or not stored:
            raise AuthenticationFailed(_WRONG_LOGIN)
        if user.get("is_active") is not True:
            raise AuthenticationFailed("The account is not active.")
        if needs_new_hash(stored):
            stored = self._hashed_anew(id_, password, stored, found.position)
        return Account(id_, stored, user.get("last_login"))

    def signed_on(self, user_id: int) -> Account:
        """The account of somebody whom the identity provider has logged in. Raises AuthenticationFailed."""
        user = self._stored(user_id)
        if user.get("is_active") is not True:
            raise AuthenticationFailed("The account is not active.")
        return Account(user_id, user.get("password"), user.get("last_login"))

    def is_active(self, user_id: int) -> bool:
        """Whether there is an active account with this id."""
        return self._stored(user_id).get("is_active") is True

    def is_unchanged(self, account: Account) -> bool:
        """Whether the account is still there and active, with the same password."""
        user = self._stored(account.id)
        return user.get("is_active") is True and user.get("password") == account.password

    def _stored(self, user_id: int) -> dict[str, Any]:
        models: dict[int, dict[str, Any]] = self._datastore.read([GetMany("user", (user_id,), _ACCOUNT_FIELDS)])[0]
        return models.get(user_id, {})

    def _hashed_anew(self, user_id: int, password: str, stored: str, position: int) -> str:
        """The hash that is stored from now on; if that fails, the login succeeds all the same."""
        fqid, hash_ = make_fqid("user", user_id), hash_password(password)
        locks = {f"{fqid}/password": position}
        event = UpdateEvent(fqid, {"password": hash_})
        try:
            self._datastore.write([WriteRequest([event], user_id=INTERNAL, locked_fields=locks)])
        except (ModelLocked, ServiceError) as error:
            logger.warning("the password of user %d was not hashed anew: %s", user_id, type(error).__name__)
            return stored
        return hash_
