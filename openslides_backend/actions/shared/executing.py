"""Dependent actions for some of the elements of an action."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from openslides_backend.engine.action import Action
from openslides_backend.engine.run import Results
from openslides_backend.shared.typing import Fields


def execute_for(
    action: Action,
    name: str,
    work: Sequence[tuple[int, Fields]],
    names: Mapping[str, str] = MappingProxyType({}),
) -> Results:
    """Carry out another action with one element for each of these indices of own elements.

    Raises what the action raises, blamed on the own elements and, by `names`, their keys (see `Run.execute`).
    """
    return action.run.execute(name, [element for _, element in work], [index for index, _ in work], names)
