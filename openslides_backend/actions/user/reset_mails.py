"""The mails with links for choosing a new password (user_passwords_and_mail.md, "user.forget_password")."""

import logging
from collections.abc import Iterator, Sequence
from time import time
from urllib.parse import quote

from openslides_backend.i18n.texts import RESET_MAIL_BODY, RESET_MAIL_SUBJECT
from openslides_backend.i18n.translations import translate
from openslides_backend.services.datastore import FilterModels, GetMany, Query, UpdateEvent, WriteRequest
from openslides_backend.services.mail import MailConnection, MailError
from openslides_backend.services.mail_message import InvalidMail, Mail
from openslides_backend.services.mail_template import fill_placeholders
from openslides_backend.services.services import Services
from openslides_backend.shared.context import INTERNAL
from openslides_backend.shared.filters import FieldFilter
from openslides_backend.shared.fqid import ORGANIZATION_ID
from openslides_backend.shared.typing import Fields

logger = logging.getLogger(__name__)

_USER = ("email", "username", "saml_id")


class ResetMails:
    """The mails to everybody who has one of some addresses, in lower case; who logs in by single sign-on gets none."""

    def __init__(self, services: Services, language: str, addresses: Sequence[str]) -> None:
        self._services = services
        self._language = language
        self._addresses = addresses

    def send(self) -> None:
        """Send them, and note when. A mail that is refused is logged, and the others are sent.

        Raises ServiceError, MailServerUnavailable, or ModelLocked where an account vanished meanwhile.
        """
        queries: list[Query] = [
            FilterModels("user", FieldFilter("email", "~=", address), _USER) for address in self._addresses
        ]
        settings = GetMany("organization", (ORGANIZATION_ID,), ("url",))
        organization, *found = self._services.datastore.read([settings, *queries])
        url = organization.get(ORGANIZATION_ID, {}).get("url") or ""
        owners = {
            user_id: user
            for address, users in zip(self._addresses, found, strict=True)
            for user_id, user in users.models.items()
            if user["email"].lower() == address and not user.get("saml_id")
        }
        if not owners:
            return
        with self._services.mail.connect() as connection:
            sent = tuple(self._sent(connection, url, owners))
        if sent:
            events = [UpdateEvent(f"user/{user_id}", {"last_email_sent": round(time())}) for user_id in sent]
            self._services.datastore.write([WriteRequest(events, user_id=INTERNAL)])

    def _sent(self, connection: MailConnection, url: str, owners: dict[int, Fields]) -> Iterator[int]:
        for user_id, user in owners.items():
            try:
                connection.send(self._mail(url, user_id, user))
            except (MailError, InvalidMail) as error:
                logger.warning("no mail for a new password sent to user %s: %s", user_id, error)
            else:
                yield user_id

    def _mail(self, url: str, user_id: int, user: Fields) -> Mail:
        token = self._services.auth.create_authorization_token(user_id, user["email"])
        link = f"{url}/login/forget-password-confirm?user_id={user_id}&token={quote(token)}"
        subject = f"{translate(RESET_MAIL_SUBJECT, self._language)}: {user.get('username') or ''}"
        body = fill_placeholders(translate(RESET_MAIL_BODY, self._language), {"url": link})
        return Mail(user["email"], subject, body)
