"""Media types of file names (mediafile.md, "Type rules")."""

from functools import cache
from mimetypes import MimeTypes
from os.path import splitext

_MORE = {
    ".7z": "application/x-7z-compressed",
    ".eot": "application/vnd.ms-fontobject",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".gpx": "application/gpx+xml",
    ".ics": "text/calendar",
    ".md": "text/markdown",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".otf": "font/otf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rar": "application/vnd.rar",
    ".rtf": "application/rtf",
    ".ttf": "font/ttf",
    ".vcf": "text/vcard",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
"""Registered types that Python's own table doesn't know in all versions, or has by another name."""


@cache
def _table() -> MimeTypes:
    """What Python knows and what is added, whatever the operating system's files say."""
    table = MimeTypes()
    for extension, mimetype in _MORE.items():
        table.add_type(mimetype, extension)
    return table


def type_of_name(filename: str) -> str | None:
    """The type that a name's extension stands for; None if it has none, or an unknown one.

    The suffix of a compression after another extension is skipped.
    """
    stem, extension = splitext(filename.lower())
    if extension in _table().suffix_map:
        stem, extension = splitext(stem + _table().suffix_map[extension])
    if extension in _table().encodings_map:
        extension = splitext(stem)[1]
    return _table().types_map[True].get(extension)


def extension_of_type(mimetype: str) -> str | None:
    """The usual extension of a type, with its dot; None if there is none."""
    return _table().guess_extension(mimetype)
