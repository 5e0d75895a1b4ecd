"""Dependent actions for some of the elements of an action."""

from collections.abc import Sequence

from openslides_backend.engine.action import Action
from openslides_backend.engine.run import Results
from openslides_backend.shared.typing import Fields


def execute_for(action: Action, name: str, work: Sequence[tuple[int, Fields]]) -> Results:
    """Carry out another action with one element for each of these indices of own elements.

    Raises what the action raises, blamed on the own elements.
    """
    return action.run.execute(name, [element for _, element in work], [index for index, _ in work])
