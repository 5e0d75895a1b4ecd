"""Mails as text and as the bytes that go over the wire (user_passwords_and_mail.md, "Messages").

The header lines are written here and not by `email.message`: that would read an encoded word or a comma in a user's
text as syntax. Here, whatever isn't plain is encoded as a whole, and addresses are made of a few harmless characters.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html.parser import HTMLParser

from openslides_backend.shared.mail_address import is_valid_address

# Bytes above 127 would need a server with 8BITMIME.
_CONTENT_POLICY = SMTP.clone(cte_type="7bit")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
_NEW_LINE = "\r\n"


class InvalidMail(Exception):
    """The mail can't be sent by anyone: a bad address, a control character in a header, or text that isn't Unicode.

    The message tells nothing of the content.
    """


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one recipient.

    `to` and `reply_to` (may be empty) are plain addresses. `sender_name` is shown together with the sender's address.
    With `html` the mail has two alternatives: a text, made from the HTML unless `text` is given, and the HTML.
    """

    to: str
    subject: str
    text: str = field(default="", repr=False)
    sender_name: str = ""
    reply_to: str = ""
    html: str = field(default="", repr=False)


def compose(mail: Mail, sender: str, domain: str) -> bytes:
    """Return the message as bytes, with lines ended by CR LF.

    It is ASCII but for addresses with a non-ASCII local part, which need a server with SMTPUTF8. `sender` is the
    address of the sender, `domain` the right part of the Message-ID. Raises `InvalidMail`.
    """
    headers = {
        "From": _mailbox(mail.sender_name.strip(), wire_address(sender)),
        "To": wire_address(mail.to),
        "Subject": _encoded(mail.subject),
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": make_msgid(domain=domain),
    }
    if mail.reply_to:
        headers["Reply-To"] = wire_address(mail.reply_to)
    head = "".join(f"{name}: {value}{_NEW_LINE}" for name, value in headers.items())
    return head.encode() + _content(mail)


def wire_address(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA). Raises `InvalidMail` if it isn't a valid address."""
    if not is_valid_address(address):
        raise InvalidMail("an address is not valid")
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise InvalidMail("the domain of an address is not valid") from None


def text_of_html(html: str) -> str:
    """Return the text of HTML for a plain text mail: blocks as paragraphs, links followed by their target."""
    parser = _TextParser()
    parser.feed(html)
    parser.close()
    lines = [" ".join(line.split()) for line in "".join(parser.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _mailbox(name: str, address: str) -> str:
    if not name:
        return address
    if _is_plain(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{address}>'
    return f"{_encoded(name)} <{address}>"


def _encoded(text: str) -> str:
    """Return a text as the value of a header: as it is if it is plain, else as encoded words."""
    if _CONTROL.search(text):
        raise InvalidMail("a header has a control character")
    if _is_plain(text):
        return text
    try:
        return Header(text, "utf-8").encode(linesep=_NEW_LINE)
    except UnicodeError:
        raise InvalidMail("a header has characters that are not Unicode") from None


def _is_plain(text: str) -> bool:
    """Tell whether a header may hold the text as it is: one line of allowed length, not read as encoded words."""
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) < 500 and text == text.strip()


def _content(mail: Mail) -> bytes:
    message = EmailMessage(policy=_CONTENT_POLICY)
    try:
        message.set_content(mail.text or text_of_html(mail.html), charset="utf-8")
        if mail.html:
            message.add_alternative(mail.html, subtype="html", charset="utf-8")
        return message.as_bytes()
    except UnicodeError:
        raise InvalidMail("the body has characters that are not Unicode") from None


class _TextParser(HTMLParser):
    """Collects the text of HTML in `parts`; line breaks are those of the layout, not of the source."""

    HIDDEN = frozenset({"script", "style", "title"})
    PARAGRAPHS = frozenset({"p", "ul", "ol", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"})
    LINES = frozenset({"div", "li", "tr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        if tag == "br":
            self.parts.append("\n")
        elif tag == "a":
            self._targets.append(dict(attrs).get("href") or "")
        self._break_around(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self.HIDDEN))
        if tag == "a" and self._targets:
            target = self._targets.pop()
            if target and self.parts[-1:] != [target]:
                self.parts.append(f" ({target})")
        self._break_around(tag)

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data)
        if not self._hidden and not (text == " " and self._at_line_start()):
            self.parts.append(text)

    def _break_around(self, tag: str) -> None:
        if tag in self.PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in self.LINES and not self._at_line_start():
            self.parts.append("\n")

    def _at_line_start(self) -> bool:
        return not self.parts or self.parts[-1].endswith("\n")
