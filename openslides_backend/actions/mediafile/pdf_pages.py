"""Counts the pages of a PDF, as a process of its own that doesn't matter: `python -m ...pdf_pages < FILE`.

Prints the number of pages, or null if a password is needed; fails if the file can't be read within the limits.
"""

import json
import logging
import resource
import sys
from io import BytesIO

from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

_SECONDS = 10
_BYTES = 1024 * 1024 * 1024


def count_pages(content: bytes) -> int | None:
    """The number of pages; None if the file can't be opened without a password.

    Raises PyPdfError, or whatever else broken data lead to.
    """
    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
        return None
    return len(reader.pages)


def main() -> int:
    """Count the pages of what is read from standard input; the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    logging.disable()
    try:
        pages = count_pages(sys.stdin.buffer.read())
    except (PyPdfError, ValueError, TypeError, AttributeError, LookupError, RecursionError, MemoryError):
        return 1
    sys.stdout.write(json.dumps(pages))
    return 0


if __name__ == "__main__":
    sys.exit(main())
