import pytest

from openslides_backend.shared.characters import is_invisible


@pytest.mark.parametrize(
    "character",
    " \n\x00\x7f\u00a0\u00ad\u200b\u200d\u202e\u2028\u2060\ufeff\u3000\u3164\u115f\u2800\ufe0f\U000e0101\ud800",
)
def test_invisible(character: str) -> None:
    assert is_invisible(character)


@pytest.mark.parametrize("character", ["a", "ä", "1", "_", "-", "@", "ש", "山", "\u0301", "😀"])
def test_visible(character: str) -> None:
    assert not is_invisible(character)
