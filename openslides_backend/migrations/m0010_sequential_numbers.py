"""What is numbered in its meeting is counted anew."""

from openslides_backend.migrations.data import Data
from openslides_backend.migrations.sequential_numbers import NUMBERED, number


def migrate(data: Data) -> None:
    number(data, NUMBERED)
