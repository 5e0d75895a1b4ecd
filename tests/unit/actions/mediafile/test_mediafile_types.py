"""Files are what their names say."""

import io
import zipfile
import zlib

import pytest

from openslides_backend.actions.mediafile.pdf import pdf_information
from openslides_backend.actions.mediafile.types import checked_type
from openslides_backend.models.media_types import extension_of_type, type_of_name
from openslides_backend.shared.exceptions import InvalidField

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(20)
SVG = b'\n<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'


def office(folder: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<document/>" * 100)
    return stream.getvalue()


def open_document() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return stream.getvalue()


def pdf(pages: int, content: bytes = b"") -> bytes:
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"] * pages
    body = b"%PDF-1.4\n"
    offsets = []
    for number, text in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return body + content + f"{end}startxref\n{len(body + content)}\n%%EOF\n".encode()


@pytest.mark.parametrize(
    ("filename", "content", "mimetype"),
    [
        ("a.txt", b"x", "text/plain"),
        ("a.TXT", "räksmörgås".encode("utf-16"), "text/plain"),
        ("a.txt", b"caf\xe9", "text/plain"),
        ("a.csv", b"a,b\n", "text/csv"),
        ("a.json", b"{}", "application/json"),
        ("a.yaml", b"a: 1\n", "application/yaml"),
        ("a.png", PNG, "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(20), "image/jpeg"),
        ("a.jpg", b"\xff\xd8\xff\xdb" + bytes(20), "image/jpeg"),
        ("a.gif", b"GIF89a" + bytes(20), "image/gif"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(9), "image/webp"),
        ("a.svg", SVG, "image/svg+xml"),
        ("a.svg", b'<?xml version="1.0"?><svg/>', "image/svg+xml"),
        ("a.xml", b"<a>b</a>", "application/xml"),
        ("a.html", b"<!doctype html><script>1</script>", "text/html"),
        ("a.pdf", b"%PDF-1.4\n", "application/pdf"),
        ("a.ttf", b"\x00\x01\x00\x00\x00\x10\x01\x00", "font/ttf"),
        ("a.otf", b"OTTO\x00\x10\x01\x00", "font/otf"),
        ("a.woff", b"wOFF\x00\x01\x00\x00" + bytes(9), "font/woff"),
        ("a.woff2", b"wOF2\x00\x01\x00\x00" + bytes(9), "font/woff2"),
        ("a.zip", office("x"), "application/zip"),
        ("a.odt", open_document(), "application/vnd.oasis.opendocument.text"),
        ("a.docx", office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pptx", office("ppt"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.tar.gz", b"\x1f\x8b\x08" + bytes(20), "application/x-tar"),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4"),
        ("a.mp3", b"ID3\x03\x00" + bytes(9), "audio/mpeg"),
    ],
)
def test_accepted(filename: str, content: bytes, mimetype: str) -> None:
    assert checked_type(filename, content) == mimetype


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a", b"x"),
        (".txt", b"x"),
        ("", b"x"),
        ("a.unknown", b"x"),
        ("a.gz", b"\x1f\x8b\x08" + bytes(20)),
        ("a.txt", b""),
        ("a.png", b"x"),
        ("a.png", b"<html></html>"),
        ("a.png", b"MZ\x90\x00\x03" + bytes(30)),
        ("a.txt", PNG),
        ("a.txt", b"%PDF-1.4\n1 0 obj"),
        ("a.svg", b"no markup at all"),
        ("a.docx", office("xl")),
        ("a.docx", b"word/"),
        ("a.pdf", b"text"),
        ("a.ttf", b"wOFF" + bytes(9)),
        ("a.xml", b"\x00\x01\x02<a></a>"),
    ],
)
def test_refused(filename: str, content: bytes) -> None:
    with pytest.raises(InvalidField):
        checked_type(filename, content)


def test_extensions() -> None:
    assert (type_of_name("A.PDF"), type_of_name("a/b.pdf.gz")) == ("application/pdf", "application/pdf")
    assert (extension_of_type("font/ttf"), extension_of_type("x/y")) == (".ttf", None)


def test_pages() -> None:
    assert pdf_information(pdf(3)) == {"pages": 3}


@pytest.mark.parametrize("content", [b"%PDF-1.4\n", pdf(1)[:60], b"%PDF-1.4\n" + bytes(range(256)) * 9])
def test_damaged(content: bytes) -> None:
    with pytest.raises(InvalidField, match="damaged"):
        pdf_information(content)


def test_a_bomb() -> None:
    packed = zlib.compress(b"1 0 " * 100_000_000, 9)
    head = (
        f"1 0 obj\n<< /Type /ObjStm /N 9999 /First 9 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    )
    bomb = b"%PDF-1.5\n" + head + packed + b"\nendstream\nendobj\n"
    with pytest.raises(InvalidField):
        pdf_information(bomb)
