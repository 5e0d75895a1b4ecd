"""Whether a file is what its name says (mediafile.md, "Type rules")."""

import re

import puremagic
from pygments.lexers import find_lexer_class_for_filename

from openslides_backend.models.media_types import type_of_name
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.slices import SLICE

_JSON, _SVG = "application/json", "image/svg+xml"
_PLAIN = frozenset({_JSON, "application/yaml"})
"""Types whose names don't begin with `text`, but which may hold any text."""
_XML = frozenset({"text/xml", "application/xml", "image/svg+xml", "application/rss+xml", "application/atom+xml"})
_LOOKS_LIKE_XML = re.compile(r"\s*<(\?xml[\s>]|!doctype\s)", re.IGNORECASE)
_CLOSED_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,100})[^<>]{0,1000}?(/>|>)")
_LOOKED_AT = 64 * 1024
"""How many bytes, at the beginning and at the end, are looked at where the whole would take long."""
_OFFICE = {
    ".docx": b"word/",
    ".pptx": b"ppt/",
    ".xlsx": b"xl/",
}
"""What an archive must hold to be an office document: names of its files, which stand in it uncompressed."""
_ARCHIVE = b"PK\x03\x04"
_FONTS = {".ttf": (b"\x00\x01\x00\x00", b"true"), ".otf": (b"OTTO", b"\x00\x01\x00\x00")}
_NOT_IN_TEXT = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1b"})
_SURE = 4
"""So many bytes of a signature don't stand at the beginning of a text by chance."""


def checked_type(filename: str, content: bytes | bytearray) -> str:
    """The type that the name stands for, if the content is of that type.

    Raises InvalidField (400) otherwise.
    """
    mimetype = type_of_name(filename)
    if mimetype is None:
        raise InvalidField("filename", "its extension tells no type that is known.")
    if not content or not _fits(filename.lower(), mimetype, content):
        raise InvalidField("file", f"the content is not of the type that '{filename}' stands for, {mimetype}.")
    return mimetype


def _fits(filename: str, mimetype: str, content: bytes | bytearray) -> bool:
    signatures = _signatures(content)
    if any(_is_binary(match) and len(match.byte_match) >= _SURE for match in signatures) or not _is_text(content):
        return _has_signature(filename, mimetype, content, signatures)
    return _is_of_text_type(filename, mimetype, content)


def _signatures(content: bytes | bytearray) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return list(puremagic.magic_string(_ends(content)))
    except puremagic.PureError:
        return []


def _is_binary(match: puremagic.PureMagicWithConfidence) -> bool:
    kind, begins_markup = match.mime_type, match.byte_match.startswith(b"<")
    return match.offset == 0 and bool(kind) and not kind.startswith("text") and kind != _JSON and not begins_markup


def _has_signature(
    filename: str, mimetype: str, content: bytes | bytearray, signatures: list[puremagic.PureMagicWithConfidence]
) -> bool:
    extension = f".{filename.rpartition('.')[2]}"
    if extension in _OFFICE:
        return content.startswith(_ARCHIVE) and _OFFICE[extension] in _ends(content)
    if extension in _FONTS and content.startswith(_FONTS[extension]):
        return True
    return any(mimetype == match.mime_type or filename.endswith(match.extension or "\0") for match in signatures)


def _is_text(content: bytes | bytearray) -> bool:
    """Whether the content is text in UTF-8, UTF-16 with its mark, or in an encoding of single bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    pieces = (content[start : start + SLICE] for start in range(0, len(content), SLICE))
    return all(len(piece.translate(None, _NOT_IN_TEXT)) == len(piece) for piece in pieces)


def _ends(content: bytes | bytearray) -> bytes:
    """Beginning and end of the content, all of a small one: signatures don't stand anywhere else."""
    return bytes(content if len(content) <= 2 * _LOOKED_AT else content[:_LOOKED_AT] + content[-_LOOKED_AT:])


def _is_of_text_type(filename: str, mimetype: str, content: bytes | bytearray) -> bool:
    if mimetype.startswith("text") or mimetype in _PLAIN:
        return True
    if mimetype == _SVG:
        return _is_xml(content)
    known = find_lexer_class_for_filename(filename)
    if known is not None:
        return mimetype in known.mimetypes
    return mimetype in _XML and _is_xml(content)


def _is_xml(content: bytes | bytearray) -> bool:
    text = content[:_LOOKED_AT].decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    if _LOOKS_LIKE_XML.match(text.removeprefix("\ufeff")):
        return True
    return any(match[2] == "/>" or f"</{match[1]}>" in text for match in _CLOSED_ELEMENT.finditer(text))
