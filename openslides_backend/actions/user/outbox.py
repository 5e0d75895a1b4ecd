"""Mails that are part of a batch: each is sent once, however often it is computed (engine.md, "One batch", 4)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from openslides_backend.engine.run import Run
from openslides_backend.services.mail import MailConnection, MailError
from openslides_backend.services.mail_message import Mail

_Key = tuple[int, int, str]


class _Opened:
    """How many outboxes there are in this try of the batch."""

    amount = 0


class _Sent(dict[int, set[_Key]]):
    """What was sent in any try, by the number of the outbox."""


class Outbox:
    """The mails of one action of a batch.

    What became of a mail is remembered by the element, the user and the address that it was for. A mail that was sent
    is not sent again when the batch is computed again after a lock conflict; others are tried again.
    """

    def __init__(self, run: Run) -> None:
        self._mailer = run.services.mail
        opened = run.state(_Opened)
        self._mails = run.kept(_Sent).setdefault(opened.amount, set())
        opened.amount += 1
        self._connection: MailConnection | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Connect to the mail server, until the end of the context.

        Where mails were sent by an earlier computation already, a server that can't be reached any more is not an
        error of the action, but of the mails that are left.

        Raises MailServerUnavailable.
        """
        with ExitStack() as stack:
            try:
                self._connection = stack.enter_context(self._mailer.connect())
            except MailError:
                if not self._mails:
                    raise
            yield

    def send(self, element: int, user_id: int, mail: Mail) -> None:
        """Send the mail for an element to a user, unless that was done.

        Raises MailError or InvalidMail.
        """
        key = (element, user_id, mail.to)
        if key in self._mails:
            return
        if self._connection is None:
            raise MailError("The mail server can not be used.")
        self._connection.send(mail)
        self._mails.add(key)
