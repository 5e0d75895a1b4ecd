"""Placeholders in mails (user_passwords_and_mail.md, "Placeholders")."""

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_SPECIAL = re.compile(r"[!:.\[\]]")


class TemplateError(ValueError):
    """The template can't be parsed; the message tells nothing of its content."""


def fill_placeholders(template: str, values: Mapping[str, str | None]) -> str:
    """Replace every `{name}` by its value.

    A value of None gives the empty text, an unknown name the name in single quotes; `{{` and `}}` give single braces.
    Only plain names are known: attributes, indexes, conversions and formats raise `TemplateError`, as do single braces,
    `{}` and numbers.
    """

    def replace(match: re.Match[str]) -> str:
        token = match.group()
        if token in ("{{", "}}"):
            return token[0]
        name = match.group(1)
        if not name or name.isdigit() or _SPECIAL.search(name):
            raise TemplateError("the template has a placeholder without a plain name, or a single brace")
        return (values[name] or "") if name in values else f"'{name}'"

    return _TOKEN.sub(replace, template)
