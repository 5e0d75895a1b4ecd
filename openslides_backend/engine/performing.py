"""Carries out the actions of a batch, one inside another where they depend on each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from warnings import warn

from openslides_backend.engine.action import Action, Known, blaming
from openslides_backend.engine.calculated import CalculatedFields
from openslides_backend.engine.run import Results, Run
from openslides_backend.engine.written import check_written
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields

MAX_ROUNDS = 4
"""Rounds of reading before an action; what is named later is read when it is needed."""


class TooManyRounds(UserWarning):
    """A program error: an action's reads can't be named in so few rounds (the tests treat it as an error)."""


class Performer:
    """Carries out actions with one run."""

    def __init__(self, run: Run, actions: Mapping[str, type[Action]]) -> None:
        self.run = run
        self._actions = actions
        self._uow = run.uow
        models = run.models
        self._calculated = CalculatedFields(run.uow, run.relations, models["user"]) if "user" in models else None
        self._exempt = False
        self._current: Action | None = None
        run.performer = self

    def perform(self, action_class: type[Action], data: Sequence[Any]) -> Results | None:
        """Carry out one action of the batch, with all checks; the entry in the batch's results."""
        if not data:
            return None if action_class.result_is_null else []
        action = self._current = action_class(self.run)
        elements = self._cleaned(action, data)
        self._admit(action, elements)
        _clean_html(action, elements)
        self._exempt = action_class.archived_exempt
        results = action.work(elements)
        if self._calculated is not None:
            self._calculated.refresh()
        self.run.history.store(self.run.now)
        return None if action_class.result_is_null else results

    def _admit(self, action: Action, elements: list[Fields]) -> None:
        """Read what is needed first, and make sure that the action may be carried out.

        The services work at the same time: the permission is asked while the data are read, and ids are reserved
        meanwhile. Which of several errors is told doesn't depend on who answers first.
        """
        known = [Known(element) for element in elements]
        with (
            self._permission(action, elements) as allowed,
            self._uow.begin_prefetch(self._reads(action, known)) as first,
        ):
            self.run.context.confirm()
            first.result()
            self.check_migrated()
            self._read_on(action, known, rounds=1)
            self._check_first(action, elements, action.archived_exempt)
            with self._uow.begin_reserve(_reserves(action, known)) as reserved:
                allowed.result()
                self.run.context.admitted.set()
                reserved.result()

    def _permission(self, action: Action, elements: Sequence[Fields]) -> Pending[None]:
        if self.run.context.internal:
            return Pending.known(None)
        told = [{key: value for key, value in e.items() if key not in action.withheld} for e in elements]
        return self.run.services.permission.begin_check(action.name, self.run.user_id, told)

    def execute(
        self, name: str, elements: Sequence[Fields], blamed: Sequence[int], names: Mapping[str, str]
    ) -> Results:
        """See `Run.execute`."""
        outer, action = self._current, self._actions[name](self.run, nested=True)
        self._current = action
        try:
            return self._execute(action, elements)
        except BackendError as error:
            inner = error.action_data_error_index
            error.action_data_error_index = blamed[inner] if blamed and inner is not None else None
            error.field = _outer_key(error.field, outer, names)
            raise
        finally:
            self._current = outer

    def _execute(self, action: Action, elements: Sequence[Fields]) -> Results:
        cleaned = self._cleaned(action, elements)
        known = [Known(element) for element in cleaned]
        self._read_on(action, known)
        self._check_first(action, cleaned, self._exempt or action.archived_exempt)
        _clean_html(action, cleaned)
        self._uow.reserve(_reserves(action, known))
        return action.work(cleaned)

    def reads_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Iterable[Query]:
        """See `Run.reads_of`."""
        known = [Known(*pair) for pair in zip(elements, meetings, strict=True)]
        return self._reads(self._actions[name](self.run, nested=True), known)

    def reserves_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Mapping[str, int]:
        """See `Run.reserves_of`."""
        known = [Known(*pair) for pair in zip(elements, meetings, strict=True)]
        return _reserves(self._actions[name](self.run, nested=True), known)

    def check_migrated(self) -> None:
        """Check that the data have the form that the models describe, as far as the datastore has told so far.

        It tells with every answer, so this costs no call unless it comes to a refusal.

        Raises BadRequest if they must be migrated first (organization.md, "organization.initial_import").
        """
        datastore = self.run.services.datastore
        # What is remembered may be outdated itself: nobody is refused because of it.
        if _is_outdated(datastore.migration_index) and _is_outdated(datastore.read_migration_index()):
            raise BadRequest("The data must be migrated before anything can be changed.")

    def check_written(self) -> None:
        """Check everything that is going to be written.

        Raises BadRequest.
        """
        check_written(self._uow, self.run.models)

    @staticmethod
    def _cleaned(action: Action, data: Sequence[Any]) -> list[Fields]:
        elements = []
        for index, entry in enumerate(data):
            with blaming(index):
                elements.append(action.clean(entry))
        return elements

    def _reads(self, action: Action, elements: Sequence[Known]) -> list[Query]:
        """Everything that all parts name now."""
        for element in elements:
            if element.meeting_id is None:
                element.meeting_id = action.find_meeting(element, self._uow.peek)
        return _merged(query for step in action.steps for query in step.reads(elements))

    def _read_on(self, action: Action, elements: Sequence[Known], rounds: int = 0) -> None:
        """Ask the parts again, and read, until they name nothing new."""
        while unknown := self._uow.unknown(self._reads(action, elements)):
            if rounds == MAX_ROUNDS:
                message = f"{action.name} names more to read after {rounds} rounds: {unknown[0]}."
                warn(message, TooManyRounds, stacklevel=1)
                return
            self._uow.prefetch(unknown)
            rounds += 1

    def _check_first(self, action: Action, elements: Sequence[Fields], exempt: bool) -> None:
        for step in action.steps:
            step.check_early(elements)
        if exempt:
            return
        for index, element in enumerate(elements):
            with blaming(index):
                for meeting_id in action.meeting_ids(element):
                    meeting = self._uow.find("meeting", meeting_id, "is_active_in_organization_id")
                    if meeting is not None and not meeting["is_active_in_organization_id"]:
                        raise BadRequest(f"Meeting {meeting_id} is archived and can not be changed.")


def _outer_key(field: str | None, outer: Action | None, names: Mapping[str, str]) -> str | None:
    """The key of the outer action's elements that is to blame, where one inside it blames this one of its own."""
    if field is None or field in names:
        return names.get(field or "")
    known = outer is not None and field in outer.payload.element_schema.get("properties", {})
    return field if known else None


def _clean_html(action: Action, elements: Sequence[Fields]) -> None:
    """Only of what is going to be written: nobody else is worth the time."""
    for index, element in enumerate(elements):
        with blaming(index):
            action.clean_html(element)


def _reserves(action: Action, elements: Sequence[Known]) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for step in action.steps:
        amounts.update(step.reserves(elements))
    return amounts


def _merged(queries: Iterable[Query]) -> list[Query]:
    """The same queries; those for the same models are made one."""
    merged: dict[object, Query] = {}
    for query in queries:
        if isinstance(query, GetMany) and query.fields:
            key = (query.collection, query.ids, query.deleted)
            known = merged.get(key)
            names = known.fields if isinstance(known, GetMany) else ()
            fields = tuple(dict.fromkeys([*names, *query.fields]))
            merged[key] = GetMany(query.collection, query.ids, fields, query.deleted)
        else:
            merged[query] = query
    return list(merged.values())


def _is_outdated(index: int | None) -> bool:
    return index is not None and index < MIGRATION_INDEX
