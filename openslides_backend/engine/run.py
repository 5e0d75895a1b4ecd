"""One try to carry out a batch, as actions see it: everything that belongs to it and is thrown away with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import time
from types import MappingProxyType
from typing import Protocol, TypeVar

from openslides_backend.engine.deletion import Deletion
from openslides_backend.engine.history import History
from openslides_backend.engine.relations import Relations
from openslides_backend.engine.states import States
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.permissions.checker import Checker
from openslides_backend.services.datastore import Query
from openslides_backend.services.services import Services
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.typing import Fields

T = TypeVar("T")

Results = list[Fields | None]
"""What an action answers, an entry an element."""


def ids_of(results: Results) -> list[int]:
    """The ids of what a create action has made, one an element.

    Raises TypeError if it answered something else: it is no create action then.
    """
    ids: list[int] = []
    for result in results:
        id_ = (result or {}).get("id")
        if not isinstance(id_, int):
            raise TypeError("An action was expected to tell the ids of what it has made.")
        ids.append(id_)
    return ids


class Amends:
    """Steps that are taken if the batch isn't written in the end, however many tries it takes: an object of `Run.kept`.

    They have keys, because a step that every try demands is taken once.
    """

    def __init__(self) -> None:
        self.steps: dict[str, Callable[[], None]] = {}


class Performs(Protocol):
    """What carries out actions inside others (see `performing`)."""

    def execute(
        self, name: str, elements: Sequence[Fields], blamed: Sequence[int], names: Mapping[str, str]
    ) -> Results:
        """See `Run.execute`."""

    def reads_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Iterable[Query]:
        """See `Run.reads_of`."""

    def reserves_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Mapping[str, int]:
        """See `Run.reserves_of`."""


class Run:
    """The unit of work of a batch with everything that works on it.

    `now` is the time of the request in Unix seconds, rounded. Callbacks given to `after_commit` run once the batch is
    written; what was done elsewhere and has to be made good if it isn't is told to `Amends`. What the actions of a
    batch have in common is found with `state`, what outlives a retry after a lock conflict (because it can't be undone,
    or is too costly to be done again) with `kept`.
    """

    performer: Performs

    def __init__(
        self, services: Services, context: RequestContext, models: Mapping[str, type[Model]], kept: States
    ) -> None:
        self.services = services
        self.context = context
        self.models = models
        self.now = round(time())
        self.uow = UnitOfWork(services.datastore, models)
        self.relations = Relations(self.uow, models)
        self.deletion = Deletion(self.uow, self.relations, models, self.execute)
        self.history = History(self.uow, self.relations, models, context.user_id)
        self.checker = Checker(self.uow, context.user_id)
        self.migration_index: int | None = None
        self.after_commit: list[Callable[[], None]] = []
        self._states = States()
        self._kept = kept

    @property
    def user_id(self) -> int:
        """The request user; 0 for anonymous, -1 for internal requests."""
        return self.context.user_id

    def state(self, kind: type[T]) -> T:
        """The one object of this class that all actions of the batch share."""
        return self._states.of(kind)

    def kept(self, kind: type[T]) -> T:
        """The one object of this class that all actions of the batch share, in all tries."""
        return self._kept.of(kind)

    def has_field(self, collection: str, name: str) -> bool:
        """Whether models of the collection have the field; False for unknown collections."""
        return collection in self.models and name in self.models[collection].fields

    def execute(
        self,
        name: str,
        elements: Sequence[Fields],
        blamed: Sequence[int] = (),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> Results:
        """Carry out an action inside another one: without permission, its history joins the outer one.

        `blamed` holds for each element the index of the outer action's element that it is made for. Without it no
        single one is to blame for an error, unless the caller says so. `names` are the outer action's keys that the
        values of these keys come from, where they are called differently: an error names what the client has sent.
        """
        return self.performer.execute(name, elements, blamed, names) if elements else []

    def reads_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Iterable[Query]:
        """What an action is going to read that will be carried out inside another one.

        Of its elements that is given which is known yet; `meetings` are their meetings.
        """
        return self.performer.reads_of(name, elements, meetings) if elements else ()

    def reserves_of(self, name: str, elements: Sequence[Fields], meetings: Sequence[int | None]) -> Mapping[str, int]:
        """The ids that such an action is going to need, by collection."""
        return self.performer.reserves_of(name, elements, meetings) if elements else {}
