"""One try to carry out the actions of a batch: everything that belongs to it and is thrown away with it."""

from collections.abc import Callable, Mapping, Sequence
from time import time
from typing import Any

from openslides_backend.engine.action import Action, Results, blaming
from openslides_backend.engine.calculated import CalculatedFields
from openslides_backend.engine.deletion import Deletion
from openslides_backend.engine.history import History
from openslides_backend.engine.relations import Relations
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.engine.written import check_written
from openslides_backend.models.base import Model
from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.permissions.checker import Checker
from openslides_backend.services.services import Services
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.pending import Pending
from openslides_backend.shared.typing import Fields


class Run:
    """The unit of work of a batch with everything that works on it, and the actions that are carried out with it.

    `now` is the time of the request in Unix seconds, rounded. Callbacks given to `after_commit` run once the batch is
    written. `shared` is a place for what the actions of one batch have in common, by name; `kept` is one that outlives
    a retry after a lock conflict, for what can't be undone or is too costly to be done again.
    """

    def __init__(
        self,
        services: Services,
        context: RequestContext,
        actions: Mapping[str, type[Action]],
        models: Mapping[str, type[Model]],
        kept: dict[str, Any] | None = None,
    ) -> None:
        self.services = services
        self.context = context
        self.actions = actions
        self.models = models
        self.now = round(time())
        self.uow = UnitOfWork(services.datastore, models)
        self.relations = Relations(self.uow, models)
        self.deletion = Deletion(self.uow, self.relations, models, self.execute)
        self.history = History(self.uow, self.relations, models, context.user_id)
        self.checker = Checker(self.uow, context.user_id)
        self.after_commit: list[Callable[[], None]] = []
        self.shared: dict[str, Any] = {}
        self.kept: dict[str, Any] = {} if kept is None else kept
        self.migration_index: int | None = None
        self._calculated = CalculatedFields(self.uow, self.relations, models["user"]) if "user" in models else None
        self._exempt = False

    @property
    def user_id(self) -> int:
        """The request user; 0 for anonymous, -1 for internal requests."""
        return self.context.user_id

    def has_field(self, collection: str, name: str) -> bool:
        """Whether models of the collection have the field; False for unknown collections."""
        return collection in self.models and name in self.models[collection].fields

    def perform(self, action_class: type[Action], data: Sequence[Any]) -> Results | None:
        """Carry out one action of the batch, with all checks; the entry in the batch's results."""
        if not data:
            return None if action_class.result_is_null else []
        action = action_class(self)
        elements = self._cleaned(action, data)
        self._admit(action, elements)
        self._clean_html(action, elements)
        self._exempt = action_class.archived_exempt
        results = action.work(elements)
        if self._calculated is not None:
            self._calculated.refresh()
        self.history.store(self.now)
        return None if action_class.result_is_null else results

    def _admit(self, action: Action, elements: list[Fields]) -> None:
        """Read what is needed first, and make sure that the action may be carried out.

        The services work at the same time: the permission is asked while the data are read, and ids are reserved
        meanwhile. Which of several errors is told doesn't depend on who answers first.
        """
        with self._permission(action, elements) as allowed, self._begin_first(action, elements) as first:
            self.context.confirm()
            first.result()
            self.check_migrated()
            action.check_early(elements)
            if not action.archived_exempt:
                self._check_archived(action, elements)
            with self.uow.begin_reserve(action.new_ids(elements)) as reserved:
                allowed.result()
                self.context.admitted.set()
                reserved.result()

    def _permission(self, action: Action, elements: Sequence[Fields]) -> Pending[None]:
        if self.context.internal:
            return Pending.known(None)
        return self.services.permission.begin_check(action.name, self.user_id, elements)

    def execute(self, name: str, elements: Sequence[Fields], blamed: Sequence[int] = ()) -> Results:
        """Carry out an action inside another one: without permission, its history joins the outer one.

        `blamed` holds for each element the index of the outer action's element that it is made for. Without it no
        single one is to blame for an error, unless the caller says so.
        """
        if not elements:
            return []
        try:
            return self._execute(name, elements)
        except BackendError as error:
            inner = error.action_data_error_index
            error.action_data_error_index = blamed[inner] if blamed and inner is not None else None
            raise

    def _execute(self, name: str, elements: Sequence[Fields]) -> Results:
        action = self.actions[name](self, nested=True)
        cleaned = self._cleaned(action, elements)
        self._begin_first(action, cleaned).result()
        action.check_early(cleaned)
        if not (self._exempt or action.archived_exempt):
            self._check_archived(action, cleaned)
        self._clean_html(action, cleaned)
        return action.work(cleaned)

    def check_migrated(self) -> None:
        """Check that the data have the form that the models describe, as far as the datastore has told so far.

        It tells with every answer, so this costs no call unless it comes to a refusal.

        Raises BadRequest if they must be migrated first (organization.md, "organization.initial_import").
        """
        datastore = self.services.datastore
        # What is remembered may be outdated itself: nobody is refused because of it.
        if _is_outdated(datastore.migration_index) and _is_outdated(datastore.read_migration_index()):
            raise BadRequest("The data must be migrated before anything can be changed.")

    def check_written(self) -> None:
        """Check everything that is going to be written.

        Raises BadRequest.
        """
        check_written(self.uow, self.models)

    @staticmethod
    def _cleaned(action: Action, data: Sequence[Any]) -> list[Fields]:
        elements = []
        for index, entry in enumerate(data):
            with blaming(index):
                elements.append(action.clean(entry))
        return elements

    @staticmethod
    def _clean_html(action: Action, elements: Sequence[Fields]) -> None:
        for index, element in enumerate(elements):
            with blaming(index):
                action.clean_html(element)

    def _begin_first(self, action: Action, elements: Sequence[Fields]) -> Pending[None]:
        return self.uow.begin_prefetch([*action.first_needs(elements), *action.meeting_needs(elements)])

    def _check_archived(self, action: Action, elements: Sequence[Fields]) -> None:
        names = ("id", "is_active_in_organization_id", "name", *action.meeting_fields)
        meetings = [(index, id_) for index, entry in enumerate(elements) for id_ in action.meeting_ids(entry)]
        self.uow.load("meeting", [id_ for _, id_ in meetings], *names)
        for index, meeting_id in meetings:
            meeting = self.uow.find("meeting", meeting_id, "is_active_in_organization_id")
            if meeting is not None and not meeting.get("is_active_in_organization_id"):
                with blaming(index):
                    raise BadRequest(f"Meeting {meeting_id} is archived and can not be changed.")


def _is_outdated(index: int | None) -> bool:
    return index is not None and index < MIGRATION_INDEX
