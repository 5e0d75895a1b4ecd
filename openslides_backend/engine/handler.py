"""Takes batches of actions, carries them out and writes the result, again and again where locks were broken."""

import logging
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from openslides_backend.engine.action import Action, Visibility
from openslides_backend.engine.performing import Performer
from openslides_backend.engine.run import Amends, Results, Run
from openslides_backend.engine.states import States
from openslides_backend.engine.turns import Turns
from openslides_backend.models.base import Model
from openslides_backend.services.services import Services
from openslides_backend.shared.context import ANONYMOUS, RequestContext
from openslides_backend.shared.exceptions import BackendError, BadRequest, ErrorCode, ModelLocked, PayloadError
from openslides_backend.shared.faults import log_fault
from openslides_backend.shared.typing import Fields

logger = logging.getLogger(__name__)

MAX_TRIES = 20
MAX_SECONDS = 10.0
FIRST_PAUSE = 0.004
LONGEST_PAUSE = 0.01
"""In seconds: waiting longer than others take for a batch only gives them more chances to be faster again."""
MAX_SEPARATE = 1000
MAX_ANONYMOUS = 20
"""Most actions in a batch: of those that are carried out separately, and of all without a login. Each of them takes
some milliseconds of all services together, even if it is refused or there is nothing to do.
"""


@dataclass(frozen=True, slots=True)
class ActionResponse:
    """What came of a batch: an entry for each of its actions."""

    results: Sequence[Results | Fields | None]


@dataclass(frozen=True, slots=True)
class _Call:
    """An action of a batch, resolved."""

    action: type[Action]
    data: Sequence[Any]


class ActionHandler:
    """Carries out batches of actions; safe to be shared between threads."""

    def __init__(
        self, services: Services, actions: Mapping[str, type[Action]], models: Mapping[str, type[Model]]
    ) -> None:
        self._services = services
        self._actions = actions
        self._models = models
        self._turns = Turns()

    def handle(self, batch: object, context: RequestContext) -> ActionResponse:
        """Carry out a batch: everything is written, or nothing.

        Raises BackendError, with the indices of the action and the element to blame.
        """
        with context.confirming():
            calls = self._resolve(self._checked_batch(batch, context), context)
            self._check_singular(calls)
            return ActionResponse(self._transaction(calls, context))

    def handle_separately(self, batch: object, context: RequestContext) -> ActionResponse:
        """Carry out every action of a batch in a transaction of its own; failed ones leave an error object.

        Raises BadRequest if the batch itself is malformed, and what is no fault of the client if it meets the first
        action: nothing is done then, and the whole batch can be sent again.
        """
        context.confirm()
        entries = self._checked_batch(batch, context)
        if len(entries) > MAX_SEPARATE:
            raise PayloadError(f"A batch may have {MAX_SEPARATE} actions that are carried out separately.")
        results: list[Results | Fields | None] = []
        for entry in entries:
            try:
                calls = self._resolve([entry], context)
                self._check_singular(calls)
                results += self._transaction(calls, context)
            except BackendError as error:
                if error.status >= 500 and not results:
                    raise
                error.action_error_index = None
                results.append(error.as_json())
        return ActionResponse(results)

    def health(self) -> dict[str, Any]:
        """All actions with the JSON schemas of their data, sorted by name."""
        actions = {name: {"schema": self._actions[name].payload.schema} for name in self._callable_names()}
        return {"healthinfo": {"actions": actions}}

    def _callable_names(self) -> list[str]:
        return sorted(name for name, action in self._actions.items() if action.visibility is not Visibility.NEVER)

    @staticmethod
    def _checked_batch(batch: object, context: RequestContext) -> list[dict[str, Any]]:
        if not isinstance(batch, list):
            raise PayloadError("A batch must be a list of actions.")
        if context.user_id == ANONYMOUS and len(batch) > MAX_ANONYMOUS:
            raise PayloadError(f"A batch may have {MAX_ANONYMOUS} actions without a login.")
        for index, entry in enumerate(batch):
            if not isinstance(entry, dict) or entry.keys() != {"action", "data"}:
                field, message = None, "An action must be an object with just the keys 'action' and 'data'."
            elif not isinstance(entry["action"], str):
                field, message = "action", "'action' must be a string."
            elif not isinstance(entry["data"], list):
                field, message = "data", "'data' must be a list of objects."
            else:
                continue
            raise PayloadError(message, field=field, action_error_index=index)
        return batch

    def _resolve(self, batch: Sequence[dict[str, Any]], context: RequestContext) -> list[_Call]:
        calls = []
        for index, entry in enumerate(batch):
            action = self._actions.get(entry["action"])
            if action is None or not self._may_be_called(action, context):
                message = f"There is no action '{entry['action'][:100]}'."
                raise BadRequest(message, field="action", action_error_index=index)
            calls.append(_Call(action, entry["data"]))
        return calls

    @staticmethod
    def _may_be_called(action: type[Action], context: RequestContext) -> bool:
        if action.visibility is Visibility.PUBLIC:
            return True
        if action.visibility is Visibility.STACK_INTERNAL:
            return context.internal
        return action.visibility is Visibility.BACKEND_INTERNAL and context.internal and context.internal_actions

    @staticmethod
    def _check_singular(calls: Sequence[_Call]) -> None:
        names = Counter(call.action.name for call in calls)
        for index, call in enumerate(calls):
            if call.action.singular and (len(call.data) != 1 or names[call.action.name] > 1):
                message = f"{call.action.name} takes exactly one element, once in a batch."
                raise PayloadError(message, field="data", action_error_index=index)
            if call.action.alone and len(calls) > 1:
                message = f"{call.action.name} must be the only action of its batch."
                raise PayloadError(message, field="action", action_error_index=index)

    def _transaction(self, calls: Sequence[_Call], context: RequestContext) -> list[Results | None]:
        kept = States()
        try:
            run, results = self._committed(calls, context, kept)
        except Exception:
            for step in kept.of(Amends).steps.values():
                self._take_step("a step after a failure", step)
            raise
        for callback in run.after_commit:
            self._take_step("a step after the commit", callback)
        return results

    @staticmethod
    def _take_step(name: str, step: Callable[[], None]) -> None:
        """What follows a commit can't undo it, and what follows a failure is not what the client has to know of."""
        try:
            step()
        except Exception as error:  # whatever it is, the outcome of the batch stands
            log_fault(name, error)

    def _committed(
        self, calls: Sequence[_Call], context: RequestContext, kept: States
    ) -> tuple[Run, list[Results | None]]:
        name = calls[0].action.name if calls else ""
        if not self._turns.is_contested(name):
            try:
                return self._try(calls, context, kept)
            except ModelLocked:
                logger.debug("Locks were broken, trying again.")
        with self._turns.take(name):
            deadline = monotonic() + MAX_SECONDS
            for attempt in range(MAX_TRIES - 1):
                try:
                    return self._try(calls, context, kept)
                except ModelLocked:
                    logger.debug("Locks were broken, trying again.")
                    if monotonic() > deadline:
                        break
                    sleep(random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))  # noqa: S311 - jitter
        raise BadRequest("Others are changing the same data. Please try again.", code=ErrorCode.CONFLICT)

    def _try(self, calls: Sequence[_Call], context: RequestContext, kept: States) -> tuple[Run, list[Results | None]]:
        run = Run(self._services, context, self._models, kept)
        performer = Performer(run, self._actions)
        results: list[Results | None] = []
        for index, call in enumerate(calls):
            try:
                results.append(performer.perform(call.action, call.data))
            except BackendError as error:
                error.action_error_index = index
                raise
        performer.check_written()
        request = run.uow.write_request(context.user_id)
        if request is not None:
            performer.check_migrated()
            request.migration_index = run.migration_index
            self._services.datastore.write([request])
        return run, results
