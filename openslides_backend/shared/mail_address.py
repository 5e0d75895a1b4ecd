"""What counts as an e-mail address (user_permissions.md, 14.8)."""

import re

_LETTERS = "A-Za-zÄÖÜäöü"
_ADDRESS = re.compile(rf"[{_LETTERS}0-9._+\-]+@[{_LETTERS}0-9.\-]+\.[{_LETTERS}]{{2,}}")


def is_valid_address(text: str) -> bool:
    """Tell whether a text is an e-mail address as a whole; surrounding white space is not trimmed."""
    return _ADDRESS.fullmatch(text) is not None
