"""States of motions get a weight."""

from openslides_backend.migrations.data import Data


def migrate(data: Data) -> None:
    for state in data.models("motion_state"):
        state.set(weight=state.id)
