"""The languages of the product."""

DEFAULT_LANGUAGE = "en"
"""The language of the texts in the code, which needs no catalogue."""

LANGUAGES = (DEFAULT_LANGUAGE, "de", "it", "es", "ru", "cs", "fr")
"""All languages a meeting, the organization or a request may ask for (`meeting.language`)."""
