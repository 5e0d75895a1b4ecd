"""The bar that shows who is speaking fades from one color to another."""

import re

from openslides_backend.migrations.data import Data, Model

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DEFAULT = "#134768"


def migrate(data: Data) -> None:
    for projector in data.models("projector"):
        if (font := projector.get("chyron_font_color")) is not None:
            projector.set(chyron_font_color_2=font)
        projector.set(chyron_background_color_2=_second_color(projector))


def _second_color(projector: Model) -> str:
    color = projector.text("chyron_background_color")
    if not color:
        return _DEFAULT
    if not _COLOR.fullmatch(color):
        raise projector.failure("chyron_background_color", "must be a color such as '#317796'")
    channels = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{_darkened(channel):02x}" for channel in channels)


def _darkened(value: int) -> int:
    dark = value * value // 255
    return dark + (value - dark) // 4
