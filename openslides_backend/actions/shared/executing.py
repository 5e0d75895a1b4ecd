"""Dependent actions for some of the elements of an action."""

from collections.abc import Sequence

from openslides_backend.action.action import Action, Results
from openslides_backend.shared.exceptions import BackendError
from openslides_backend.shared.typing import Fields


def execute_for(action: Action, name: str, work: Sequence[tuple[int, Fields]]) -> Results:
    """Carry out another action with one element for each of these indices of own elements.

    Raises what the action raises, blamed on the own elements.
    """
    try:
        return action.execute(name, [element for _, element in work])
    except BackendError as error:
        if error.action_data_error_index is not None:
            error.action_data_error_index = work[error.action_data_error_index][0]
        raise
