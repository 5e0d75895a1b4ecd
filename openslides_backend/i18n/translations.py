"""Translations of the texts that the service writes into the data and into mails (meeting_create.md, "Languages").

The catalogues are `locale/<language>/LC_MESSAGES/messages.po`; what is read here are the `.mo` files beside them, made
by `dev/compile_translations.py`.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from openslides_backend.i18n.languages import DEFAULT_LANGUAGE, LANGUAGES

LOCALE = Path(__file__).parent / "locale"


def translate(text: str, language: str) -> str:
    """Give the translation of an English text into one of `LANGUAGES`.

    A text without a translation, and any text in English or an unknown language, is returned as it is.
    """
    # The catalogue's entry for the empty text is its own header.
    if not text or language == DEFAULT_LANGUAGE or language not in LANGUAGES:
        return text
    return _catalogue(language).gettext(text)


@cache
def _catalogue(language: str) -> NullTranslations:
    with (LOCALE / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return GNUTranslations(file)
