"""Bring motions into another state."""

from collections.abc import Iterable, Sequence

from openslides_backend.actions.motion.arrival import STATE_FIELDS, Arrival, ArrivalAtFirst, Find, value_of
from openslides_backend.actions.motion.life import EXTENSION_FIELDS_SHOWN, GRAPH
from openslides_backend.actions.motion.numbers import Numbers
from openslides_backend.actions.motion.permission import Way, may_manage_metadata, may_set_state, way_of
from openslides_backend.engine.action import Part
from openslides_backend.engine.generics import UpdateAction
from openslides_backend.engine.parts import ids_in
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import models_query
from openslides_backend.models.models import Motion
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

_RECOMMENDED = ("recommendation_id", "recommendation_extension", "recommendation_extension_reference_ids")


class CurrentState(Part):
    """The states that motions are in."""

    stored_fields = ("state_id",)

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        motions = self.uow.peek_all("motion", ids_in(elements, "id"), "state_id")
        return [models_query("motion_state", ids_in(motions, "state_id"), *STATE_FIELDS)]

    def of(self, element: Fields, *names: str) -> Record | None:
        """Fields of the state; None if there is none."""
        state_id = self.action.stored(element)["state_id"]
        return None if state_id is None else self.uow.find("motion_state", state_id, *names)

    def leads_to(self, element: Fields, state_id: int) -> bool:
        """Whether another state is before or behind it in the graph."""
        state = self.of(element, *GRAPH)
        return state is not None and any(state_id in (state[name] or ()) for name in GRAPH)


class _StateChange(UpdateAction):
    """Bring motions into another state."""

    model = Motion
    permission = may_manage_metadata
    current = CurrentState()

    def tell_history(self, elements: Sequence[Fields]) -> None:
        for element in elements:
            if element.get("state_id") is not None:
                self.tell(
                    make_fqid("motion", element["id"]),
                    "State set to {}",
                    make_fqid("motion_state", element["state_id"]),
                )


class MotionSetState(_StateChange):
    """Bring motions into the states that are given; not everybody may go anywhere."""

    name = "motion.set_state"
    payload = Payload(Motion, required=["id", "state_id"])
    permission = may_set_state
    parts = (Arrival(), Numbers())

    def prepare(self, elements: list[Fields]) -> None:
        """Find out in one go who may leave the graph; most go along it."""
        stored = [element for element in elements if self.uow.exists("motion", element["id"])]
        self._ways([element for element in stored if not self.current.leads_to(element, element["state_id"])])

    def check(self, element: Fields) -> None:
        if not self.current.leads_to(element, element["state_id"]) and self._ways([element]) != [Way.ANYWHERE]:
            raise InvalidField("state_id", "The state is neither before nor behind the one that the motion is in.")

    def _ways(self, elements: Sequence[Fields]) -> list[Way | None]:
        if self.run.context.internal:
            return [Way.ANYWHERE for _ in elements]
        return self.run.checker.ask_all(way_of(self.run.user_id, e["id"], e["state_id"]) for e in elements)


class _Recommended(Arrival):
    """Motions come into the state that is recommended; those without recommendation stay as they are.

    Where the state has the field for it, the extension of the recommendation becomes that of the state.
    """

    stored_fields = (*Arrival.stored_fields, *_RECOMMENDED)

    def state_of(self, element: Fields, find: Find) -> int | None:
        return value_of(find, "motion", element["id"], "recommendation_id")

    def prepare(self, elements: list[Fields]) -> None:
        super().prepare(elements)
        for element in elements:
            if (state_id := element.get("state_id")) is None:
                continue
            state = self.uow.find_fields("motion_state", state_id, *EXTENSION_FIELDS_SHOWN)
            _, text, references = (self.action.stored(element)[name] for name in _RECOMMENDED)
            if text is not None and all(state[name] for name in EXTENSION_FIELDS_SHOWN):
                element.update(state_extension=text, state_extension_reference_ids=references or [])


class MotionFollowRecommendation(_StateChange):
    """Bring motions into the states that are recommended, which must be next to theirs in the graph for everybody."""

    name = "motion.follow_recommendation"
    result_is_null = True
    parts = (_Recommended(), Numbers())

    def check(self, element: Fields) -> None:
        state_id = element.get("state_id")
        if state_id is not None and not self.current.leads_to(element, state_id):
            raise BadRequest("The recommended state is neither before nor behind the one that the motion is in.")


class _Again(ArrivalAtFirst):
    """Motions go back to the beginning of the workflow that they are in."""

    anew = True

    def check(self, element: Fields) -> None:
        if element.get("state_id") is None:
            raise BadRequest("The motion has no state, or its workflow has no first one.")

    def workflow_of(self, element: Fields, find: Find) -> int | None:
        state_id = value_of(find, "motion", element["id"], "state_id")
        return value_of(find, "motion_state", state_id, "workflow_id")


class MotionResetState(_StateChange):
    """Bring motions back into the first states of their workflows; history isn't told."""

    name = "motion.reset_state"
    parts = (_Again(), Numbers())

    def tell_history(self, elements: Sequence[Fields]) -> None:
        """Nothing."""
