"""Send a link for choosing a new password (user_passwords_and_mail.md)."""

from collections.abc import Sequence
from functools import partial

from openslides_backend.actions.user.reset_mails import ResetMails
from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import Payload
from openslides_backend.models.models import User
from openslides_backend.permissions.rules import everybody
from openslides_backend.shared.exceptions import BadRequest, InvalidField, ServiceError
from openslides_backend.shared.mail_address import is_valid_address
from openslides_backend.shared.typing import Fields

_UNAVAILABLE = "The mail server can not be used. Please contact your administrator."


class UserForgetPassword(Action):
    """Send everybody with the given address a link.

    The answer, and the time that it takes, is the same whoever has the address: who has it is found out, and written
    to, afterwards and in the background.
    """

    name = "user.forget_password"
    model = User
    payload = Payload(User, extra_required={"email": {"type": "string"}})
    permission = everybody
    result_is_null = True

    def check(self, element: Fields) -> None:
        if not self.run.services.mail.sender_is_valid():
            raise BadRequest(_UNAVAILABLE)
        if not is_valid_address(element["email"]):
            raise InvalidField("email", "This is not a valid address.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Once all addresses are known to be valid, the mail server is asked: no single element is to blame for it."""
        if self.run.services.background.is_full():
            raise ServiceError("Too many mails are waiting to be sent. Please try again later.")
        if not self.run.services.mail_check.is_usable(self.run.services.mail):
            raise BadRequest(_UNAVAILABLE)
        addresses = tuple(dict.fromkeys(element["email"].lower() for element in elements))
        self.run.after_commit.append(partial(self._send_later, addresses))

    def _send_later(self, addresses: tuple[str, ...]) -> None:
        """Each address gets its mails once a minute, whatever is asked for."""
        services = self.run.services
        due = [address for address in addresses if services.reset_mails.may(address)]
        if due:
            services.background.submit(ResetMails(services, self.run.context.language, due).send)
