"""How large bodies may be."""

import pytest

from openslides_backend.http.limits import BodyLimits, refuse
from openslides_backend.shared.exceptions import PayloadTooLarge

LIMITS = BodyLimits(anonymous=10, small=100, large=1000)


@pytest.mark.parametrize(
    ("size", "names", "fits"),
    [
        (100, ["tag.create"], True),
        (100, None, True),
        (101, ["tag.create"], False),
        (101, None, False),
        (101, [], False),
        (1000, ["mediafile.upload"], True),
        (1000, ["topic.json_upload", "topic.import", "organization.initial_import"], True),
        (101, ["mediafile.upload", "tag.create"], False),
        (101, ["mediafile.uploads"], False),
    ],
)
def test_batches(size: int, names: list[str] | None, fits: bool) -> None:
    if fits:
        LIMITS.judge_batch(size, names)
    else:
        with pytest.raises(PayloadTooLarge, match="100 bytes"):
            LIMITS.judge_batch(size, names)


def test_what_is_no_upload_is_not_even_parsed() -> None:
    LIMITS.judge_unparsed(b" " * 100)
    LIMITS.judge_unparsed(b'[{"action": "mediafile.upload"' + b" " * 100)
    with pytest.raises(PayloadTooLarge):
        LIMITS.judge_unparsed(b'[{"action": "tag.create"' + b" " * 100)


def test_the_error_tells_what_to_do() -> None:
    with pytest.raises(PayloadTooLarge, match=r"larger than 314572800 bytes.*Send less.*'blob'"):
        refuse(BodyLimits().large)


def test_the_largest_limit_holds_for_all() -> None:
    assert BodyLimits(anonymous=10, small=100, large=5) == BodyLimits(anonymous=5, small=5, large=5)
