"""A real SMTP server on a free port of the loopback interface, with the bad manners that tests ask for."""

import asyncio
import socket
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Delivery:
    """A mail as the server accepted it."""

    sender: str
    recipient: str
    content: bytes
    encrypted: bool
    connection: object


@dataclass
class Manners:
    """How the server treats mails and logins: addresses that it refuses, hangs up on, or never answers about."""

    refused_senders: tuple[str, ...] = ()
    refused_recipients: tuple[str, ...] = ()
    refused_data_for: tuple[str, ...] = ()
    hangs_up_on: tuple[str, ...] = ()
    never_answers_about: tuple[str, ...] = ()
    credentials: tuple[str, str] | None = None
    smtputf8: bool = False


@dataclass
class SmtpServer:
    """The server, to be used as a context. `deliveries` are the accepted mails, `logins` the attempted user names.

    `tls` is the certificate for TLS from the first byte, `starttls` the one for an upgrade; without both there is no
    encryption.
    """

    manners: Manners = field(default_factory=Manners)
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    deliveries: list[Delivery] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, sock=listener, ssl=self.tls)
        )
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname="localhost",
            loop=self._loop,
            tls_context=self.starttls,
            require_starttls=self.starttls is not None,
            enable_SMTPUTF8=self.manners.smtputf8,
            authenticator=self._authenticate,
            auth_require_tls=self.tls is None,
            auth_exclude_mechanism=() if self.manners.credentials else ("LOGIN", "PLAIN"),
            auth_required=self.manners.credentials is not None,
        )

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        login, password = data.login.decode(), data.password.decode()
        self.logins.append(login)
        return AuthResult(success=(login, password) == self.manners.credentials, handled=False)

    async def handle_MAIL(  # noqa: N802 - the name is given by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.manners.refused_senders:
            return "550 5.7.1 sender refused"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name is given by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.manners.refused_recipients:
            return f"550 5.1.1 no mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is given by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        (recipient,) = envelope.rcpt_tos
        if recipient in self.manners.never_answers_about:
            await asyncio.Event().wait()
        assert isinstance(server.transport, asyncio.Transport)
        if recipient in self.manners.hangs_up_on:
            server.transport.abort()
        if recipient in self.manners.refused_data_for:
            return "554 5.6.0 mail refused"
        encrypted = server.transport.get_extra_info("cipher") is not None
        assert isinstance(envelope.mail_from, str)
        assert isinstance(envelope.content, bytes)
        self.deliveries.append(Delivery(envelope.mail_from, recipient, envelope.content, encrypted, server))
        return "250 OK"
