"""Whether cleaning has changed anything that matters."""

import pytest

from openslides_backend.models.html import clean_strict, is_the_same


@pytest.mark.parametrize("text", ["", "x", "<p>&ouml; &amp; &lt;b&gt;</p>", "&auml;&#228;&#xe4;", "<p>a&nbsp;b</p>"])
def test_nothing_has_changed(text: str) -> None:
    assert is_the_same(text, clean_strict(text))


@pytest.mark.parametrize(
    "text",
    [
        "<p>a<script>b</script></p>",
        "a < b",
        "<p>not closed",
        '<a href="javascript:x">&ouml;</a>',
        "&ouml;<img src=x onerror=alert(1)>",
        "&lt;script>",
    ],
)
def test_something_has_changed(text: str) -> None:
    assert not is_the_same(text, clean_strict(text))
