"""Create a workflow with given states."""

from collections.abc import Sequence

from openslides_backend.actions.motion_state import STATE_FIELDS
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.payload import Payload, Schema
from openslides_backend.engine.run import ids_of
from openslides_backend.models.models import MotionState, MotionWorkflow
from openslides_backend.permissions.permissions import Permissions
from openslides_backend.permissions.rules import in_meeting
from openslides_backend.shared.exceptions import InvalidField
from openslides_backend.shared.typing import Fields

_NEXT, _PREVIOUS = "next_state_names", "previous_state_names"
_NAMES: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True}
_OWN_FIELDS = tuple(name for name in STATE_FIELDS if name != "state_button_label")


class _ImportPayload(Payload):
    """A workflow with `states`, which name the states before and after them."""

    def __init__(self) -> None:
        super().__init__(
            MotionWorkflow,
            required=["name", "meeting_id"],
            extra_optional={
                "first_state_name": {"type": "string"},
                "states": {"type": "array", "items": {"$ref": "#/definitions/state"}},
            },
        )

    @property
    def definitions(self) -> Schema:
        """The schema of one state; its own fields are those of `motion_state.create`."""
        own = {name: MotionState.fields[name].payload_schema(False) for name in _OWN_FIELDS}
        name = MotionState.fields["name"].payload_schema(True)
        return {
            "state": {
                "type": "object",
                "properties": {"name": name, **own, _NEXT: _NAMES, _PREVIOUS: _NAMES},
                "required": ["name"],
                "additionalProperties": False,
            }
        }


class MotionWorkflowImport(CreateAction):
    """Create a workflow with its states and the transitions between them, which are given by names."""

    name = "motion_workflow.import"
    model = MotionWorkflow
    payload = _ImportPayload()
    permission = in_meeting(Permissions.Motion.CAN_MANAGE)

    def check(self, element: Fields) -> None:
        states = {state["name"]: state for state in element.get("states", ())}
        if not states:
            raise InvalidField("states", "a workflow needs at least one state.")
        if len(states) != len(element["states"]):
            raise InvalidField("states", "two states have the same name.")
        known = [element.get("first_state_name") or element["states"][0]["name"]]
        known += [name for state in states.values() for key in (_NEXT, _PREVIOUS) for name in state.get(key, ())]
        for name in known:
            if name not in states:
                raise InvalidField("states", f"there is no state '{name}'.")
        forward = {(name, after) for name, state in states.items() for after in state.get(_NEXT, ())}
        backward = {(before, name) for name, state in states.items() for before in state.get(_PREVIOUS, ())}
        for before, after in sorted(forward ^ backward):
            raise InvalidField("states", f"only one of '{before}' and '{after}' knows that they follow each other.")

    def follow_up(self, elements: Sequence[Fields]) -> None:
        new = [self._new_state(element, state) for element in elements for state in element["states"]]
        created = iter(ids_of(self.execute("motion_state.create", new)))
        transitions = []
        for element in elements:
            ids = {state["name"]: next(created) for state in element["states"]}
            transitions += [
                {
                    "id": ids[state["name"]],
                    "next_state_ids": [ids[name] for name in state.get(_NEXT, ())],
                    "previous_state_ids": [ids[name] for name in state.get(_PREVIOUS, ())],
                }
                for state in element["states"]
            ]
        self.execute("motion_state.update", transitions)

    @staticmethod
    def _new_state(element: Fields, state: Fields) -> Fields:
        fields = {key: value for key, value in state.items() if key not in (_NEXT, _PREVIOUS)}
        first = element.get("first_state_name") or element["states"][0]["name"]
        is_first = {"first_state_of_workflow_id": element["id"]} if state["name"] == first else {}
        return {**fields, **is_first, "workflow_id": element["id"]}
