"""How many pages a PDF has (mediafile.md, "mediafile.upload", effects)."""

import json
import subprocess
import sys

from openslides_backend.shared.exceptions import InvalidField

SECONDS = 20
"""How long reading may take; the process that reads limits the time of its processor and its memory by itself."""
_COUNT = (sys.executable, "-m", "openslides_backend.actions.mediafile.pdf_pages")
_LOCKED = {"pages": 0, "encrypted": True}


def pdf_information(content: bytes | bytearray) -> dict[str, int | bool]:
    """The number of pages; none, and encrypted, if the file needs a password.

    A process of its own counts, since what a PDF holds may take any time and memory to read.

    Raises InvalidField (400) if the file is damaged, or takes too much to be read.
    """
    try:
        # The command is a constant; only what it reads comes from outside.
        counted = subprocess.run(  # noqa: S603
            _COUNT, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise InvalidField("file", "the PDF takes too long to be read.") from None
    if counted.returncode != 0:
        raise InvalidField("file", "the PDF is damaged, or takes too much to be read.")
    answer = json.loads(counted.stdout)
    return _LOCKED if answer is None else {"pages": int(answer)}
