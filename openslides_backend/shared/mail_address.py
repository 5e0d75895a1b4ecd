"""What counts as an e-mail address (user_permissions.md, 14.8)."""

import re

_LETTERS = "A-Za-zÄÖÜäöü"
_ADDRESS = re.compile(rf"[{_LETTERS}0-9._+\-]+@[{_LETTERS}0-9.\-]+\.[{_LETTERS}]{{2,}}")
_FORBIDDEN_IN_SENDER = frozenset("[]\\")


def is_valid_address(text: str) -> bool:
    """Tell whether a text is an e-mail address as a whole; surrounding white space is not trimmed."""
    return _ADDRESS.fullmatch(text) is not None


def is_valid_sender(name: str) -> bool:
    """Tell whether mails can be sent in this name."""
    return _FORBIDDEN_IN_SENDER.isdisjoint(name)
