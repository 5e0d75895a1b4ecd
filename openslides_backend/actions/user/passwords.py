"""Set passwords (user_passwords_and_mail.md, "passwords")."""

import logging
from collections.abc import Sequence
from math import ceil

from openslides_backend.actions.user.hashing import PasswordMaker
from openslides_backend.actions.user.sessions import end_sessions
from openslides_backend.engine.action import Action
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import Stored
from openslides_backend.engine.payload import BOOLEAN, ID, Payload, Schema
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import User
from openslides_backend.permissions.element import Element
from openslides_backend.permissions.evaluation import Steps
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.questions import model
from openslides_backend.permissions.rules import Inquiry, Verdict, all_of, everybody, logged_in, rule
from openslides_backend.permissions.user_fields import may_act_on_account
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.services.passwords import verify_password
from openslides_backend.services.throttle import Limit
from openslides_backend.services.tokens import InvalidToken, bearer, from_quoted_bearer
from openslides_backend.shared.context import ANONYMOUS
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.request_log import log_event
from openslides_backend.shared.typing import Fields, ReadOnlyFields

logger = logging.getLogger(__name__)

_TEXT: Schema = {"type": "string"}
_NOT_EMPTY: Schema = {"type": "string", "minLength": 1}
_OWN_PASSWORD = Limit(free=5, longest=300.0)
"""How often one may be wrong about the own password: else who finds an open session could try them all."""


def _check_has_password(user: ReadOnlyFields) -> None:
    """Who logs in by single sign-on has no password. Raises BadRequest."""
    if user.get("saml_id"):
        raise BadRequest("Who logs in by single sign-on has no password.")


class _PasswordAction(UpdateAction):
    """Sets passwords of the users that the elements name: the default ones, unless an action says otherwise."""

    model = User
    permission = may_act_on_account(Permissions.User.CAN_UPDATE)
    parts = (Stored("saml_id", "default_password"),)

    def plain_text(self, element: Fields) -> str:
        """The new password, once the element's values are stored."""
        return str(self.stored(element)["default_password"])

    def check(self, element: Fields) -> None:
        _check_has_password(self.stored(element))

    def follow_up(self, elements: Sequence[Fields]) -> None:
        PasswordMaker(self.run).set_all([(element["id"], self.plain_text(element)) for element in elements])
        if any(element["id"] == self.run.user_id for element in elements):
            end_sessions(self.run, self.run.user_id)


class UserSetPassword(_PasswordAction):
    """Set the password of a user, and on demand the one that he gets back by a reset."""

    name = "user.set_password"
    payload = Payload(
        User,
        required=["id"],
        extra_required={"password": {"type": "string", "maxLength": 256}},
        extra_optional={"set_as_default": BOOLEAN},
    )

    def plain_text(self, element: Fields) -> str:
        """The given one."""
        return str(element["password"])

    def fill(self, element: Fields) -> None:
        if element.get("set_as_default"):
            element["default_password"] = element["password"]

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            self.tell(make_fqid("user", element["id"]), "Password changed")


class UserGenerateNewPassword(_PasswordAction):
    """Give a user a random password, which is kept as the default one, too."""

    name = "user.generate_new_password"
    payload = Payload(User, required=["id"])

    def fill(self, element: Fields) -> None:
        element["default_password"] = PasswordMaker(self.run).generate()


class UserResetPasswordToDefault(_PasswordAction):
    """Give a user back the default password."""

    name = "user.reset_password_to_default"
    payload = Payload(User, required=["id"])

    def check(self, element: Fields) -> None:
        super().check(element)
        if not self.stored(element)["default_password"]:
            raise InvalidField("default_password", f"user/{element['id']} has none.")


@rule
def _may_change_own_password(inquiry: Inquiry, element: Element) -> Steps[Verdict]:
    user = yield from model("user", inquiry.user_id, "can_change_own_password")
    return None if user and user.get("can_change_own_password") else "You can not change your password."


class UserSetPasswordSelf(Action):
    """Change the own password, which must be known."""

    name = "user.set_password_self"
    model = User
    payload = Payload(User, extra_required={"old_password": _NOT_EMPTY, "new_password": _NOT_EMPTY})
    permission = all_of(logged_in, _may_change_own_password)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return (
            [GetMany("user", (self.run.user_id,), ("id", "saml_id", "password"))]
            if self.run.user_id > ANONYMOUS
            else []
        )

    def check(self, element: Fields) -> None:
        if self.run.user_id <= ANONYMOUS:
            raise BadRequest("There is no user who could change the own password.")
        user = self.uow.get("user", self.run.user_id, "saml_id", "password")
        _check_has_password(user)
        self._check_old_password(element["old_password"], user["password"])

    def apply(self, element: Fields) -> None:
        """Hash the new one at once: the next element must know it."""
        PasswordMaker(self.run).set_all([(self.run.user_id, element["new_password"])])

    def follow_up(self, elements: Sequence[Fields]) -> None:
        end_sessions(self.run, self.run.user_id)

    def _check_old_password(self, given: str, stored: str | None) -> None:
        """Raises BadRequest if it is wrong, or was wrong too often to be tried at all."""
        throttle, key = self.run.services.own_passwords, str(self.run.user_id)
        if wait := throttle.begin({key: _OWN_PASSWORD}):
            log_event(logger, "password_throttled", user=self.run.user_id, seconds=ceil(wait))
            raise InvalidField("old_password", f"It was wrong too often. Please try again in {ceil(wait)} seconds.")
        if not verify_password(given, stored):
            log_event(logger, "password_refused", user=self.run.user_id)
            raise InvalidField("old_password", "It is wrong.")
        throttle.forgive((key,))


class _SeenTokens(set[str]):
    """Tokens that this try of the batch has used up."""


class _Owners(dict[str, int]):
    """Whom tokens were made for, asked in any try: they can be asked about once."""


class UserForgetPasswordConfirm(Action):
    """Choose a new password with a token that was sent by mail."""

    name = "user.forget_password_confirm"
    model = User
    payload = Payload(User, extra_required={"user_id": ID, "authorization_token": _TEXT, "new_password": _TEXT})
    permission = everybody

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [models_query("user", (element["user_id"] for element in elements), "id", "saml_id")]

    def check(self, element: Fields) -> None:
        _check_has_password(self.uow.get("user", element["user_id"], "saml_id"))
        if self._owner(element["authorization_token"]) != element["user_id"]:
            raise InvalidField("authorization_token", "It was made for somebody else.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        PasswordMaker(self.run).set_all([(element["user_id"], element["new_password"]) for element in elements])
        for element in elements:
            end_sessions(self.run, element["user_id"])

    def _owner(self, quoted_token: str) -> int:
        """Whom a token was made for. It is used up by this, also for another element or action of the same batch, but
        not for the same one when the batch is computed again."""
        try:
            token = bearer(from_quoted_bearer(quoted_token))
        except InvalidToken as error:
            raise InvalidField("authorization_token", "It is not in the form 'bearer JWT'.") from error
        seen, owners = self.run.state(_SeenTokens), self.run.kept(_Owners)
        if token in seen:
            raise InvalidField("authorization_token", "It was used before.")
        seen.add(token)
        if token not in owners:
            owners[token], _ = self.run.services.auth.verify_authorization_token(token)
        return owners[token]
