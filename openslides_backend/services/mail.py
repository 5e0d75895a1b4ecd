"""Sending mails over SMTP (user_passwords_and_mail.md, "E-mails")."""

import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Protocol

from openslides_backend.environment import EmailSettings
from openslides_backend.services.mail_message import InvalidMail, Mail, compose, wire_address
from openslides_backend.shared.mail_address import is_valid_address

logger = logging.getLogger(__name__)


class MailError(Exception):
    """A mail could not be sent. The message names no address, no content and no setting."""


class MailServerUnavailable(MailError):
    """No connection to the mail server, no secure one where it has to be, or the login failed."""


class SenderRefused(MailError):
    """The server doesn't take mails of this sender."""


class RecipientRefused(MailError):
    """The server doesn't take mails to this recipient."""


class DataRefused(MailError):
    """The server doesn't take this mail."""


class ServerDisconnected(MailError):
    """The server closed the connection or didn't answer in time. The connection can't be used any more."""


class MailConnection(Protocol):
    """A connection to the mail server, for any number of mails."""

    def send(self, mail: Mail) -> None:
        """Send a mail; on return the server has accepted it.

        Raises `InvalidMail` (nothing was sent, the connection can be used on), `SenderRefused`, `RecipientRefused`,
        `DataRefused`, `ServerDisconnected`, or `MailError` itself for anything else that the server answered.
        """


class Mailer(Protocol):
    """The way to the mail server."""

    def sender_is_valid(self) -> bool:
        """Tell whether the configured address of the sender is a valid address."""

    def connect(self) -> AbstractContextManager[MailConnection]:
        """Open a connection, to be closed at the end of the context. Raises `MailServerUnavailable`."""


class SmtpMailer:
    """Mailer for an SMTP server. It holds no connection and may be shared by threads."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    def sender_is_valid(self) -> bool:
        """Tell whether the configured address of the sender is a valid address."""
        return is_valid_address(self._settings.default_from)

    @contextmanager
    def connect(self) -> Iterator[MailConnection]:
        """Open a connection, to be closed at the end of the context. Raises `MailServerUnavailable`."""
        client = self._connected_client()
        try:
            yield _SmtpConnection(client, self._settings)
        finally:
            _close(client)

    def _connected_client(self) -> smtplib.SMTP:
        client: smtplib.SMTP | None = None
        try:
            client = self._open()
            client.ehlo_or_helo_if_needed()
            if self._settings.connection_security == "STARTTLS":
                client.starttls(context=self._tls())
            if self._settings.user and self._settings.password:
                client.login(self._settings.user, self._settings.password)
        # smtplib's own errors are OSErrors; a ValueError is a host or password that it can't encode.
        except (OSError, ValueError) as error:
            if client is not None:
                client.close()
            logger.warning("no connection to the mail server: %s", _reason(error))
            raise MailServerUnavailable("The mail server can not be used.") from None
        return client

    def _open(self) -> smtplib.SMTP:
        host, port, timeout = self._settings.host.strip("[]"), self._settings.port, self._settings.timeout
        if self._settings.connection_security == "SSL/TLS":
            return smtplib.SMTP_SSL(host, port, timeout=timeout, context=self._tls())
        return smtplib.SMTP(host, port, timeout=timeout)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.accept_self_signed_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


class _SmtpConnection:
    def __init__(self, client: smtplib.SMTP, settings: EmailSettings) -> None:
        self._client = client
        self._settings = settings

    def send(self, mail: Mail) -> None:
        """Send a mail, see `MailConnection`."""
        message = compose(mail, self._settings.default_from, self._settings.host)
        try:
            self._transmit(mail, message)
        except smtplib.SMTPException as error:
            logger.warning("mail not sent: %s", _reason(error))
            raise _translated(error) from None

    def _transmit(self, mail: Mail, message: bytes) -> None:
        sender, recipient = wire_address(self._settings.default_from), wire_address(mail.to)
        reply_to = wire_address(mail.reply_to) if mail.reply_to else ""
        options: tuple[str, ...] = ()
        if not (sender + recipient + reply_to).isascii():
            self._require_smtputf8(sender, recipient)
            options = ("SMTPUTF8", "BODY=8BITMIME")
        self._client.sendmail(sender, [recipient], message, mail_options=options)

    def _require_smtputf8(self, sender: str, recipient: str) -> None:
        """Refuse what a server without SMTPUTF8 would refuse, in its place."""
        if self._client.has_extn("smtputf8"):
            return
        if not sender.isascii():
            raise SenderRefused("The server needs an ASCII address of the sender.")
        if not recipient.isascii():
            raise RecipientRefused("The server needs an ASCII address of the recipient.")
        raise InvalidMail("the server needs an ASCII address for replies")


def _translated(error: smtplib.SMTPException) -> MailError:
    match error:
        case smtplib.SMTPSenderRefused():
            return SenderRefused("The mail server refused the sender.")
        case smtplib.SMTPRecipientsRefused():
            return RecipientRefused("The mail server refused the recipient.")
        case smtplib.SMTPDataError():
            return DataRefused("The mail server refused the mail.")
        case smtplib.SMTPServerDisconnected():
            return ServerDisconnected("The mail server ended the connection.")
    return MailError("The mail server could not send the mail.")


def _reason(error: Exception) -> str:
    """Describe an error for the log without what was sent or answered, which may hold addresses."""
    name = type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{name}, {error.verify_message}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name}, code {error.smtp_code}"
    return name


def _close(client: smtplib.SMTP) -> None:
    with suppress(OSError):
        client.quit()
    client.close()
