"""Motions that come into a state: the first state of a workflow, and the times that are kept (motion.md, "R3")."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from openslides_backend.actions.motion.life import EXTENSION_FIELDS_SHOWN, GRAPH, SETS_NUMBER, SETS_TIMESTAMP, stamped
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

STATE_FIELDS = (
    "id",
    "meeting_id",
    "workflow_id",
    "recommendation_label",
    SETS_NUMBER,
    SETS_TIMESTAMP,
    *GRAPH,
    *EXTENSION_FIELDS_SHOWN,
)
"""What is read of states, whichever they are, so that none is read twice."""

Find = Callable[..., Record | None]
"""Finds fields of a model (collection, id, names)."""


def value_of(find: Find, collection: str, id_: int | None, name: str) -> int | None:
    """A field of a model; None if there is no such model, or if that isn't known yet."""
    model = None if id_ is None else find(collection, id_, name)
    return None if model is None else model[name]


class LastModified(Part):
    """The motions are changed now."""

    def fill(self, element: Fields) -> None:
        element["last_modified"] = self.run.now


class Arrival(Part):
    """The states that motions come into: `state_id` of the elements. The times at which they do are kept."""

    anew: ClassVar[bool] = False
    """Whether they forget the time that is kept."""
    stored_fields: tuple[str, ...] = ("workflow_timestamp",)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        states = [self.state_of(element, self.uow.peek) for element in elements]
        return [models_query("motion_state", states, *STATE_FIELDS)]

    def prepare(self, elements: list[Fields]) -> None:
        for element in elements:
            if (state_id := self.state_of(element, self.uow.find)) is not None:
                element["state_id"] = state_id

    def fill(self, element: Fields) -> None:
        if element.get("state_id") is None:
            return
        stored = None if isinstance(self.action, CreateAction) else self.action.stored(element)["workflow_timestamp"]
        state = self.uow.find_fields("motion_state", element["state_id"], SETS_TIMESTAMP)
        element.update(stamped(state[SETS_TIMESTAMP], stored, self.run.now, anew=self.anew), last_modified=self.run.now)

    def state_of(self, element: Fields, find: Find) -> int | None:
        """The state that the element's motion comes into; None if it stays, or if that isn't known yet."""
        state_id: int | None = element.get("state_id")
        return state_id


class ArrivalAtFirst(Arrival):
    """The states are the first ones of workflows."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        workflows = [self.workflow_of(element, self.uow.peek) for element in elements]
        return [models_query("motion_workflow", workflows, "id", "first_state_id"), *super().reads(elements)]

    def state_of(self, element: Fields, find: Find) -> int | None:
        return value_of(find, "motion_workflow", self.workflow_of(element, find), "first_state_id")

    def workflow_of(self, element: Fields, find: Find) -> int | None:
        """The workflow that the element's motion begins; None if there is none, or if that isn't known yet."""
        raise NotImplementedError


class FirstState(ArrivalAtFirst):
    """New motions come into the first state of `workflow_id`, else of the meeting's default for motions or amendments.

    An amendment is what has a lead motion. `forwarded`: the motions come from another meeting.
    """

    meeting_fields = ("motions_default_workflow_id", "motions_default_amendment_workflow_id")

    def __init__(self, *, forwarded: bool = False) -> None:
        self.forwarded = forwarded

    def check(self, element: Fields) -> None:
        if element.get("state_id") is None:
            workflow_id = self.workflow_of(element, self.uow.find)
            if workflow_id is None:
                raise BadRequest("The meeting has no default workflow for this kind of motion.")
            self.uow.get("motion_workflow", workflow_id, "id")
            raise BadRequest(f"motion_workflow/{workflow_id} has no first state.")

    def fill(self, element: Fields) -> None:
        super().fill(element)
        element["created"] = self.run.now
        if self.forwarded:
            element["forwarded"] = self.run.now

    def workflow_of(self, element: Fields, find: Find) -> int | None:
        of_motions, of_amendments = self.meeting_fields
        default = of_amendments if element.get("lead_motion_id") else of_motions
        return element.get("workflow_id") or value_of(find, "meeting", self.action.meeting_id(element), default)
