import logging
import socket
import ssl
import time
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path
from typing import Any

import pytest

from openslides_backend.environment import EmailSettings
from openslides_backend.services.mail import (
    DataRefused,
    MailServerUnavailable,
    RecipientRefused,
    SenderRefused,
    ServerDisconnected,
    SmtpMailer,
)
from openslides_backend.services.mail_message import InvalidMail, Mail
from tests.integration.services.certificates import Authority
from tests.integration.services.smtp_server import Manners, SmtpServer

SENDER = "noreply@example.com"
PASSWORD = "s3cret-of-the-mailbox"
MAIL = Mail(to="jane@example.com", subject="Access data", text="Password: x1y2z3\n")


def mailer(port: int, security: str = "NONE", **changes: Any) -> SmtpMailer:
    settings = EmailSettings(
        host="localhost",
        port=port,
        user="",
        password="",
        connection_security=security,
        timeout=5.0,
        accept_self_signed_certificate=False,
        default_from=SENDER,
    )
    return SmtpMailer(replace(settings, **changes))


def tls_server(security: str, context: ssl.SSLContext) -> SmtpServer:
    return SmtpServer(tls=context) if security == "SSL/TLS" else SmtpServer(starttls=context)


def parsed(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(part: EmailMessage) -> str:
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def send(mailer: SmtpMailer, mail: Mail = MAIL) -> None:
    with mailer.connect() as connection:
        connection.send(mail)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, put in place of the default trust store."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    return authority


class TestMessages:
    def test_headers_and_body(self) -> None:
        mail = Mail(
            to="Jane.Doe@Example.com",
            subject="Zugangsdaten für die Versammlung",
            text="Größe\n.\n..\nPassword: x\n",
            sender_name=' Die "Öffentliche", Halle ',
            reply_to="office@example.com",
        )
        with SmtpServer() as server:
            send(mailer(server.port), mail)
        (delivery,) = server.deliveries
        message = parsed(delivery.content)
        assert (delivery.sender, delivery.recipient) == (SENDER, "Jane.Doe@Example.com")
        assert message["To"] == "Jane.Doe@Example.com"
        assert message["Subject"] == "Zugangsdaten für die Versammlung"
        assert message["Reply-To"] == "office@example.com"
        (address,) = message["From"].addresses
        assert (address.display_name, address.addr_spec) == ('Die "Öffentliche", Halle', SENDER)
        assert abs(message["Date"].datetime.timestamp() - time.time()) < 60
        assert message["Message-ID"].endswith("@localhost>")
        assert message.get_content_type() == "text/plain"
        assert message.get_content_charset() == "utf-8"
        assert body(message) == mail.text

    def test_without_name_and_replies(self) -> None:
        with SmtpServer() as server:
            send(mailer(server.port))
        message = parsed(server.deliveries[0].content)
        assert message["From"] == SENDER
        assert message["Reply-To"] is None

    def test_html_has_a_text_alternative(self) -> None:
        mail = Mail(to="jane@example.com", subject="x", html="<p>Dear Jané,</p><p>welcome</p>")
        with SmtpServer() as server:
            send(mailer(server.port), mail)
        message = parsed(server.deliveries[0].content)
        assert message.get_content_type() == "multipart/alternative"
        text, html = message.iter_parts()
        assert isinstance(text, EmailMessage)
        assert isinstance(html, EmailMessage)
        assert (text.get_content_type(), body(text)) == ("text/plain", "Dear Jané,\n\nwelcome\n")
        assert (html.get_content_type(), body(html)) == ("text/html", f"{mail.html}\n")

    def test_several_mails_over_one_connection(self) -> None:
        with SmtpServer() as server, mailer(server.port).connect() as connection:
            connection.send(MAIL)
            connection.send(Mail(to="joe@example.com", subject="x", text="y"))
        first, second = server.deliveries
        assert (first.recipient, second.recipient) == ("jane@example.com", "joe@example.com")
        assert server.connections == 1
        assert parsed(first.content)["Message-ID"] != parsed(second.content)["Message-ID"]

    @pytest.mark.parametrize(
        "mail",
        [
            Mail(to="jane@example.com>\r\nRCPT TO:<evil@example.com", subject="x"),
            Mail(to="jane@example.com", subject="x\r\nBcc: evil@example.com"),
            Mail(to="jane@example.com", subject="x", sender_name="x\nBcc: evil@example.com"),
            Mail(to="jane@example.com", subject="x", reply_to="office@example.com\nBcc: evil@example.com"),
            Mail(to="", subject="x"),
            Mail(to="jane@example.com", subject="x", text="\ud800"),
        ],
    )
    def test_invalid_mail_is_not_sent_and_the_connection_stays(self, mail: Mail) -> None:
        with SmtpServer() as server, mailer(server.port).connect() as connection:
            with pytest.raises(InvalidMail):
                connection.send(mail)
            connection.send(MAIL)
        assert [delivery.recipient for delivery in server.deliveries] == ["jane@example.com"]


class TestInternationalAddresses:
    MAIL = Mail(to="müller@möller.de", subject="x", text="y")

    def test_domain_becomes_ascii(self) -> None:
        with SmtpServer() as server:
            send(mailer(server.port), Mail(to="jane@möller.de", subject="x", reply_to="office@möller.de"))
        (delivery,) = server.deliveries
        assert delivery.recipient == "jane@xn--mller-jua.de"
        assert parsed(delivery.content)["To"] == "jane@xn--mller-jua.de"
        assert parsed(delivery.content)["Reply-To"] == "office@xn--mller-jua.de"

    def test_server_with_smtputf8(self) -> None:
        with SmtpServer(Manners(smtputf8=True)) as server:
            send(mailer(server.port), self.MAIL)
        (delivery,) = server.deliveries
        assert delivery.recipient == "müller@xn--mller-jua.de"
        message = message_from_bytes(delivery.content, policy=SMTPUTF8)
        assert "To: müller@xn--mller-jua.de" in delivery.content.decode()
        assert message["Subject"] == "x"

    def test_server_without_smtputf8_refuses(self) -> None:
        with SmtpServer() as server:
            with mailer(server.port).connect() as connection:
                with pytest.raises(RecipientRefused):
                    connection.send(self.MAIL)
                with pytest.raises(InvalidMail):
                    connection.send(Mail(to="jane@example.com", subject="x", reply_to="büro@example.com"))
            with (
                mailer(server.port, default_from="büro@example.com").connect() as connection,
                pytest.raises(SenderRefused),
            ):
                connection.send(MAIL)
        assert server.deliveries == []


class TestSecurity:
    def test_none_is_never_encrypted(self) -> None:
        with SmtpServer() as server:
            send(mailer(server.port))
        assert [delivery.encrypted for delivery in server.deliveries] == [False]

    def test_tls(self, trusted: Authority) -> None:
        with SmtpServer(tls=trusted.server_context()) as server:
            send(mailer(server.port, "SSL/TLS"))
        assert [delivery.encrypted for delivery in server.deliveries] == [True]

    def test_starttls(self, trusted: Authority) -> None:
        with SmtpServer(starttls=trusted.server_context()) as server:
            send(mailer(server.port, "STARTTLS"))
        assert [delivery.encrypted for delivery in server.deliveries] == [True]

    def test_starttls_is_not_offered(self) -> None:
        with SmtpServer(Manners(credentials=("office", PASSWORD))) as server, pytest.raises(MailServerUnavailable):
            send(mailer(server.port, "STARTTLS", user="office", password=PASSWORD))
        assert server.logins == []
        assert server.deliveries == []

    @pytest.mark.parametrize("security", ["SSL/TLS", "STARTTLS"])
    def test_unknown_authority(self, authority: Authority, security: str) -> None:
        context = authority.server_context()
        with tls_server(security, context) as server:
            with pytest.raises(MailServerUnavailable):
                send(mailer(server.port, security))
            assert server.deliveries == []
            send(mailer(server.port, security, accept_self_signed_certificate=True))
        assert [delivery.encrypted for delivery in server.deliveries] == [True]

    @pytest.mark.parametrize("security", ["SSL/TLS", "STARTTLS"])
    def test_certificate_of_another_host(self, trusted: Authority, security: str) -> None:
        context = trusted.server_context("mail.example.com")
        with tls_server(security, context) as server:
            with pytest.raises(MailServerUnavailable):
                send(mailer(server.port, security))
            assert server.deliveries == []
            send(mailer(server.port, security, accept_self_signed_certificate=True))
        assert len(server.deliveries) == 1

    def test_expired_certificate(self, trusted: Authority, caplog: pytest.LogCaptureFixture) -> None:
        with (
            SmtpServer(tls=trusted.server_context(valid_for=timedelta(days=-1))) as server,
            pytest.raises(MailServerUnavailable),
        ):
            send(mailer(server.port, "SSL/TLS"))
        assert "certificate has expired" in caplog.text

    def test_tls_with_a_plain_server(self) -> None:
        with SmtpServer() as server, pytest.raises(MailServerUnavailable):
            send(mailer(server.port, "SSL/TLS", timeout=0.5))


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
class TestLogin:
    def test_over_starttls(self, trusted: Authority) -> None:
        manners = Manners(credentials=("office", PASSWORD))
        with SmtpServer(manners, starttls=trusted.server_context()) as server:
            send(mailer(server.port, "STARTTLS", user="office", password=PASSWORD))
        assert server.logins == ["office"]
        assert len(server.deliveries) == 1

    def test_over_tls(self, trusted: Authority) -> None:
        with SmtpServer(Manners(credentials=("office", PASSWORD)), tls=trusted.server_context()) as server:
            send(mailer(server.port, "SSL/TLS", user="office", password=PASSWORD))
        assert len(server.deliveries) == 1

    def test_wrong_password(self, trusted: Authority, caplog: pytest.LogCaptureFixture) -> None:
        with (
            SmtpServer(Manners(credentials=("office", "another")), tls=trusted.server_context()) as server,
            pytest.raises(MailServerUnavailable) as error,
        ):
            send(mailer(server.port, "SSL/TLS", user="office", password=PASSWORD))
        assert server.logins
        assert server.deliveries == []
        for text in (caplog.text, str(error.value)):
            assert PASSWORD not in text
            assert "office" not in text
        assert "SMTPAuthenticationError, code 535" in caplog.text

    def test_server_without_login(self) -> None:
        with SmtpServer() as server, pytest.raises(MailServerUnavailable):
            send(mailer(server.port, user="office", password=PASSWORD))

    @pytest.mark.parametrize("half", [{"user": "office"}, {"password": PASSWORD}])
    def test_only_if_both_are_set(self, half: dict[str, str]) -> None:
        with SmtpServer() as server:
            send(mailer(server.port, **half))
        assert server.logins == []
        assert len(server.deliveries) == 1

    def test_password_that_can_not_be_encoded(self, trusted: Authority) -> None:
        with (
            SmtpServer(Manners(credentials=("office", "x")), tls=trusted.server_context()) as server,
            pytest.raises(MailServerUnavailable),
        ):
            send(mailer(server.port, "SSL/TLS", user="office", password="日本"))


class TestRefusals:
    def test_recipient(self, caplog: pytest.LogCaptureFixture) -> None:
        with (
            SmtpServer(Manners(refused_recipients=("jane@example.com",))) as server,
            mailer(server.port).connect() as connection,
        ):
            with pytest.raises(RecipientRefused) as error:
                connection.send(MAIL)
            connection.send(Mail(to="joe@example.com", subject="x", text="y"))
        assert [delivery.recipient for delivery in server.deliveries] == ["joe@example.com"]
        assert "jane" not in str(error.value)
        assert "jane" not in caplog.text

    def test_data(self) -> None:
        with (
            SmtpServer(Manners(refused_data_for=("jane@example.com",))) as server,
            mailer(server.port).connect() as connection,
        ):
            with pytest.raises(DataRefused):
                connection.send(MAIL)
            connection.send(Mail(to="joe@example.com", subject="x", text="y"))
        assert [delivery.recipient for delivery in server.deliveries] == ["joe@example.com"]

    def test_sender(self) -> None:
        with SmtpServer(Manners(refused_senders=(SENDER,))) as server, pytest.raises(SenderRefused):
            send(mailer(server.port))
        assert server.deliveries == []

    def test_server_hangs_up(self) -> None:
        with (
            SmtpServer(Manners(hangs_up_on=("jane@example.com",))) as server,
            mailer(server.port).connect() as connection,
        ):
            with pytest.raises(ServerDisconnected):
                connection.send(MAIL)
            with pytest.raises(ServerDisconnected):
                connection.send(Mail(to="joe@example.com", subject="x", text="y"))


class TestDeadAndSlow:
    def test_nobody_listens(self, caplog: pytest.LogCaptureFixture) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(MailServerUnavailable), mailer(port).connect():
            pytest.fail("there is no server")
        assert "ConnectionRefusedError" in caplog.text

    @pytest.mark.parametrize("host", ["does-not-exist.invalid", "a..b"])
    def test_unknown_host(self, host: str) -> None:
        with pytest.raises(MailServerUnavailable):
            send(mailer(25, host=host))

    @pytest.mark.parametrize("security", ["NONE", "STARTTLS", "SSL/TLS"])
    def test_server_that_never_answers(self, security: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            start = time.monotonic()
            with pytest.raises(MailServerUnavailable):
                send(mailer(listener.getsockname()[1], security, timeout=0.2))
        assert time.monotonic() - start < 4

    def test_server_that_does_not_answer_a_mail(self) -> None:
        with SmtpServer(Manners(never_answers_about=("jane@example.com",))) as server:
            start = time.monotonic()
            with mailer(server.port, timeout=0.2).connect() as connection:
                with pytest.raises(ServerDisconnected):
                    connection.send(MAIL)
                with pytest.raises(ServerDisconnected):
                    connection.send(Mail(to="joe@example.com", subject="x", text="y"))
            assert time.monotonic() - start < 4

    def test_connection_is_closed_after_an_error_of_the_caller(self) -> None:
        with SmtpServer() as server:
            with pytest.raises(KeyError), mailer(server.port).connect() as connection:
                raise KeyError("x")
            with pytest.raises(ServerDisconnected):
                connection.send(MAIL)


def test_nothing_secret_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with SmtpServer(Manners(refused_data_for=("joe@example.com",))) as server:
        send(mailer(server.port))
        with pytest.raises(DataRefused):
            send(mailer(server.port), Mail(to="joe@example.com", subject="x", text="x1y2z3"))
    own = [record.getMessage() for record in caplog.records if record.name.startswith("openslides_backend")]
    assert own == ["mail not sent: SMTPDataError, code 554"]
    assert "x1y2z3" not in repr(MAIL)


@pytest.mark.parametrize(
    ("address", "valid"), [(SENDER, True), ("OpenSlides <noreply@example.com>", False), ("", False)]
)
def test_address_of_the_sender(address: str, valid: bool) -> None:
    assert mailer(25, default_from=address).sender_is_valid() is valid
