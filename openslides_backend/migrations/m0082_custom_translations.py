"""Translations of a meeting are looked up by their originals."""

from openslides_backend.migrations.data import Data

_NAME = "custom_translations"


def migrate(data: Data) -> None:
    for meeting in data.models("meeting"):
        translations = meeting.get(_NAME)
        if not isinstance(translations, list):
            continue
        found: dict[str, str] = {}
        for number, entry in enumerate(translations):
            match entry:
                case {"original": str(original), "translation": str(translation)}:
                    found[original] = translation
                case _:
                    raise meeting.failure(_NAME, f"entry {number} needs an original and a translation")
        meeting.set(custom_translations=found)
