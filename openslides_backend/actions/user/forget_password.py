"""Send a link for choosing a new password (user_passwords_and_mail.md)."""

import logging
from collections.abc import Sequence
from urllib.parse import quote

from openslides_backend.actions.user.outbox import Outbox
from openslides_backend.actions.user.passwords import refuse_single_sign_on
from openslides_backend.engine.action import Action, Results, blaming
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.i18n.texts import RESET_MAIL_BODY, RESET_MAIL_SUBJECT
from openslides_backend.i18n.translations import translate
from openslides_backend.models.models import User
from openslides_backend.permissions.rules import everybody
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.services.mail import MailError, MailServerUnavailable
from openslides_backend.services.mail_message import InvalidMail, Mail
from openslides_backend.services.mail_template import fill_placeholders
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.filters import FieldFilter, Filter
from openslides_backend.shared.mail_address import is_valid_address
from openslides_backend.shared.typing import Fields, Models

logger = logging.getLogger(__name__)

_USER = ("email", "username", "saml_id")
_UNAVAILABLE = "The mail server can not be used. Please contact your administrator."


class UserForgetPassword(Action):
    """Send everybody with the given address a link; that nobody has it is not told."""

    name = "user.forget_password"
    model = User
    payload = Payload(User, extra_required={"email": {"type": "string"}})
    permission = everybody
    result_is_null = True

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        valid = [element["email"] for element in elements if is_valid_address(element["email"])]
        filters = [filter_query("user", _with_address(email), *_USER) for email in valid]
        return [*filters, GetMany("organization", (1,), ("url",))]

    def work(self, elements: list[Fields]) -> Results:
        """Check the addresses, and send the mails of one element after the other."""
        for index, element in enumerate(elements):
            with blaming(index):
                if not self.run.services.mail.sender_is_valid():
                    raise BadRequest(_UNAVAILABLE)
                if not is_valid_address(element["email"]):
                    raise BadRequest("email: This is not a valid address.")
                self._send_all(index, element["email"])
        return []

    def _send_all(self, index: int, email: str) -> None:
        outbox = Outbox(self.run)
        try:
            with outbox.open():
                for user_id, user in self._owners(email).items():
                    refuse_single_sign_on(user)
                    self._send(outbox, index, user_id, user)
        except MailServerUnavailable:
            raise BadRequest(_UNAVAILABLE) from None

    def _owners(self, email: str) -> Models:
        found = self.uow.filter("user", _with_address(email), *_USER)
        return {id_: user for id_, user in found.items() if user["email"].lower() == email.lower()}

    def _send(self, outbox: Outbox, index: int, user_id: int, user: Fields) -> None:
        try:
            outbox.send(index, user_id, self._mail(user_id, user))
        except (MailError, InvalidMail) as error:
            logger.warning("no mail for a new password sent to user %s: %s", user_id, error)
        else:
            self.uow.update("user", user_id, {"last_email_sent": self.run.now})

    def _mail(self, user_id: int, user: Fields) -> Mail:
        language = self.run.context.language
        organization = self.uow.find("organization", 1, "url") or {}
        token = self.run.services.auth.create_authorization_token(user_id, user["email"])
        link = f"{organization.get('url') or ''}/login/forget-password-confirm?user_id={user_id}&token={quote(token)}"
        subject = f"{translate(RESET_MAIL_SUBJECT, language)}: {user.get('username') or ''}"
        return Mail(user["email"], subject, fill_placeholders(translate(RESET_MAIL_BODY, language), {"url": link}))


def _with_address(email: str) -> Filter:
    return FieldFilter("email", "~=", email)
