"""The lines of a motion are counted from a number."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for motion in data.models("motion"):
        motion.set(start_line_number=1)
