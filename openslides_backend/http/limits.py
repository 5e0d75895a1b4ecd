"""How large bodies may be, by who sends them and what for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from openslides_backend.environment import (
    DEFAULT_ANONYMOUS_BODY_SIZE,
    DEFAULT_MAX_BODY_SIZE,
    DEFAULT_SMALL_BODY_SIZE,
)
from openslides_backend.shared.exceptions import PayloadTooLarge

_LARGE = re.compile(r"mediafile\.upload|[a-z_]+\.(json_upload|import|initial_import)")
_LARGE_TRACES = (b".upload", b".json_upload", b".import", b".initial_import")
"""What the JSON of a batch with such a name holds, however it is written."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The largest bodies in bytes: of requests without a login, of most others, and of uploads and imports."""

    anonymous: int = DEFAULT_ANONYMOUS_BODY_SIZE
    small: int = DEFAULT_SMALL_BODY_SIZE
    large: int = DEFAULT_MAX_BODY_SIZE

    def __post_init__(self) -> None:
        """The largest limit holds for all."""
        object.__setattr__(self, "small", min(self.small, self.large))
        object.__setattr__(self, "anonymous", min(self.anonymous, self.small))

    def judge_unparsed(self, body: bytes) -> None:
        """Raises PayloadTooLarge if a large body can't be an upload or import: such a one isn't even parsed."""
        if len(body) > self.small and not any(trace in body for trace in _LARGE_TRACES):
            refuse(self.small)

    def judge_batch(self, size: int, names: Sequence[str] | None) -> None:
        """Raises PayloadTooLarge if a batch of that many bytes has other actions than uploads and imports."""
        if size > self.small and not (names and all(_LARGE.fullmatch(name) for name in names)):
            refuse(self.small)


def refuse(limit: int) -> NoReturn:
    """Raises PayloadTooLarge, which tells the limit in bytes and what to do."""
    raise PayloadTooLarge(
        f"The body is larger than {limit} bytes, the limit for it. Send less at once: fewer elements, "
        "or a meeting without the contents ('blob') of its large files, which can be uploaded one by one."
    )
