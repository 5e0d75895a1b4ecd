"""Languages of requests."""

import pytest

from openslides_backend.http.request import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt, fr;q=0.3, it;q=0.7", "it"),
        ("DE_ch", "de"),
        ("es;q=0, cs;q=0.1", "cs"),
        ("*", "en"),
        ("tlh", "en"),
        ("", "en"),
        (";;;q=,,\x00", "en"),
        ("ru;q=abc,fr", "fr"),
    ],
)
def test_preferred_language(header: str, language: str) -> None:
    assert preferred_language(header) == language
