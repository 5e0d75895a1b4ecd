"""The last line of a change recommendation belongs to it."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for recommendation in data.models("motion_change_recommendation"):
        first, last = recommendation.integer("line_from"), recommendation.integer("line_to")
        if first is not None and last is not None and first < last:
            recommendation.set(line_to=last - 1)
