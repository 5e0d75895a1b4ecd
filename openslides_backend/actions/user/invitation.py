"""Send users their access data (user_passwords_and_mail.md)."""

import logging
from collections.abc import Sequence
from typing import Any

from openslides_backend.actions.shared.participation import Pair
from openslides_backend.actions.user.letters import Kind, Letters, NotSent, letter_needs
from openslides_backend.actions.user.outbox import Outbox
from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import OPTIONAL_ID, Payload
from openslides_backend.engine.run import Results
from openslides_backend.models.models import User
from openslides_backend.permissions.rules import everybody
from openslides_backend.services.datastore import Query
from openslides_backend.services.mail import (
    DataRefused,
    MailError,
    MailServerUnavailable,
    RecipientRefused,
    SenderRefused,
    ServerDisconnected,
)
from openslides_backend.services.mail_message import InvalidMail
from openslides_backend.services.mail_template import TemplateError
from openslides_backend.shared.exceptions import PayloadError
from openslides_backend.shared.typing import Fields

logger = logging.getLogger(__name__)

_GIVEN, _ERROR = "given", "error"


class UserSendInvitationEmail(Action):
    """Send mails with the access data, made from the templates of a meeting or of the organization.

    Whatever happens to one element, the others are worked on: errors are entries of the result.
    """

    name = "user.send_invitation_email"
    model = User
    payload = Payload(User, required=["id"], extra_optional={"meeting_id": OPTIONAL_ID})
    permission = everybody

    def clean(self, element: Any) -> Fields:
        """What was given, and an error if it doesn't fit the schema: it gets an entry in the result."""
        try:
            return {_GIVEN: super().clean(element)}
        except PayloadError as error:
            return {_GIVEN: element, _ERROR: error.message}

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return letter_needs(self.run, _pairs(elements))

    def work(self, elements: list[Fields]) -> Results:
        """Connect, then write and send the mails in order."""
        if not self.run.services.mail.sender_is_valid():
            return [_global_entry("The address of the sender is not valid.")]
        outbox = Outbox(self.run)
        try:
            with outbox.open():
                return self._send_all(outbox, elements)
        except MailServerUnavailable as error:
            return [_global_entry(str(error))]

    def _send_all(self, outbox: Outbox, elements: Sequence[Fields]) -> Results:
        letters = Letters(self.run, _pairs(elements))
        results: Results = []
        for index, element in enumerate(elements):
            try:
                results.append(self._send(outbox, letters, index, element))
            except NotSent as error:
                position = f"Mail {index + 1} of {len(elements)}"
                results.append(_failed_entry(element[_GIVEN], error, position))
            except SenderRefused as error:
                return [*results, _global_entry(str(error))]
        return results

    def _send(self, outbox: Outbox, letters: Letters, index: int, element: Fields) -> Fields:
        if _ERROR in element:
            raise NotSent(element[_ERROR], Kind.OTHER)
        user_id, meeting_id = _pair(element)
        try:
            mail = letters.write(user_id, meeting_id)
            outbox.send(index, user_id, mail)
        except SenderRefused:
            raise
        except (RecipientRefused, DataRefused, ServerDisconnected) as error:
            raise NotSent(str(error), Kind.CONFIGURATION) from error
        except (MailError, InvalidMail, TemplateError) as error:
            logger.warning("no invitation sent to user %s: %s", user_id, error)
            raise NotSent(f"The mail can not be sent: {error}.", None) from error
        self.uow.update("user", user_id, {"last_email_sent": self.run.now})
        return {"sent": True, **_recipient_ids(element[_GIVEN]), "recipient": mail.to}


def _pair(element: Fields) -> Pair:
    return element[_GIVEN]["id"], element[_GIVEN].get("meeting_id") or 0


def _pairs(elements: Sequence[Fields]) -> list[Pair]:
    return [_pair(element) for element in elements if _ERROR not in element]


def _recipient_ids(given: Any) -> Fields:
    fields = given if isinstance(given, dict) else {}
    return {"recipient_user_id": fields.get("id"), "recipient_meeting_id": fields.get("meeting_id")}


def _failed_entry(given: Any, error: NotSent, position: str) -> Fields:
    entry: Fields = {"sent": False, **_recipient_ids(given), "message": f"{error.message} {position}"}
    if error.recipient is not None:
        entry["recipient"] = error.recipient
    if error.kind is not None:
        entry["type"] = error.kind.value
    return entry


def _global_entry(message: str) -> Fields:
    return {"sent": False, "message": message, "type": Kind.CONFIGURATION.value}
