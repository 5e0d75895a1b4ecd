from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openslides_backend.services.mail_message import InvalidMail, Mail, compose, text_of_html, wire_address

SENDER = "noreply@example.com"
HEADERS = ["From", "To", "Subject", "Date", "Message-ID"]
CONTENT_HEADERS = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]

any_text = st.text(st.characters(exclude_categories=["Cs"]))
any_line = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=256)
nasty_line = st.lists(
    st.sampled_from(
        [
            "=?utf-8?q?",
            "?=",
            "=0d=0aBcc:_evil@example.com",
            '"',
            "\\",
            ",",
            "<evil@example.com>",
            "@",
            " ",
            "(",
            ")",
            ";",
            "ä",
            "日本",
        ]
    ),
    max_size=60,
).map("".join)


def parsed(mail: Mail) -> EmailMessage:
    content = compose(mail, SENDER, "mail.example.com")
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


@given(any_line | nasty_line)
def test_any_subject_is_one_header(subject: str) -> None:
    message = parsed(Mail(to="jane@example.com", subject=subject))
    assert message.keys() == HEADERS + CONTENT_HEADERS
    assert "Bcc" not in message
    assert message["Subject"] == subject


@given(any_line | nasty_line)
def test_any_sender_name_belongs_to_the_one_address(name: str) -> None:
    message = parsed(Mail(to="jane@example.com", subject="x", sender_name=name))
    assert message.keys() == HEADERS + CONTENT_HEADERS
    (address,) = message["From"].addresses
    assert address.addr_spec == SENDER
    # The parser of EmailMessage puts a blank between two encoded words, where RFC 2047 has none.
    raw = dict(message.raw_items())["From"]
    display_name, _ = parseaddr("".join(raw.splitlines()))
    assert str(make_header(decode_header(display_name))) == name.strip()


@given(any_text.filter(bool), any_text)
def test_any_body_arrives(text: str, html: str) -> None:
    message = parsed(Mail(to="jane@example.com", subject="x", text=text, html=html))
    part = message.get_body(preferencelist=("plain",))
    assert part is not None
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    assert part.get_content().replace("\r\n", "\n").removesuffix("\n").split("\n") == lines


@pytest.mark.parametrize("character", ["\r", "\n", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"])
@pytest.mark.parametrize("place", ["a{}b", "a{}", "{}a"])
def test_headers_take_no_control_characters(character: str, place: str) -> None:
    text = place.format(character)
    with pytest.raises(InvalidMail) as error:
        compose(Mail(to="jane@example.com", subject=text), SENDER, "localhost")
    assert text not in str(error.value)


@pytest.mark.parametrize("character", ["\r", "\n", "\x00", "\x1b", "\x85", "\u2028", "\ud800"])
def test_sender_names_take_no_control_characters(character: str) -> None:
    with pytest.raises(InvalidMail):
        compose(Mail(to="jane@example.com", subject="x", sender_name=f"a{character}b"), SENDER, "localhost")


@pytest.mark.parametrize("address", ["", "jane", "jane@example", "jane@example.com\n", "a@b.de,c@d.de", "ä@ö..de"])
def test_invalid_addresses(address: str) -> None:
    with pytest.raises(InvalidMail):
        wire_address(address)
    with pytest.raises(InvalidMail):
        compose(Mail(to="jane@example.com", subject="x"), address, "localhost")


def test_addresses_over_the_wire() -> None:
    assert wire_address("Jane@Example.COM") == "Jane@Example.COM"
    assert wire_address("jane@müller.de") == "jane@xn--mller-kva.de"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just text", "just text"),
        ("<p>one</p>\n<p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three<br><br>four", "one\ntwo\nthree\n\nfour"),
        ("<div>one</div> <div>two</div>", "one\ntwo"),
        ("<p>list</p><ul>\n<li>one</li>\n<li>two</li>\n</ul>after", "list\n\none\ntwo\n\nafter"),
        ("a  <b>bold</b>\n text &amp; &lt;more&gt;", "a bold text & <more>"),
        ('<a href="https://example.com">here</a>.', "here (https://example.com)."),
        ('<a href="https://example.com">https://example.com</a> <a name="x">y</a>', "https://example.com y"),
        ("<title>t</title><style>p {}</style><script>x()</script>shown", "shown"),
        ("</a></script>unbalanced <p>", "unbalanced"),
    ],
)
def test_text_of_html(html: str, text: str) -> None:
    assert text_of_html(html) == text


def test_content_is_not_shown() -> None:
    assert "secret" not in repr(Mail(to="jane@example.com", subject="x", text="secret", html="<b>secret</b>"))
