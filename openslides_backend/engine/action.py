"""Base of all actions, and of the parts that they are made of (docs/architecture.md, "Actions")."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from openslides_backend.engine.payload import Payload, Schema
from openslides_backend.engine.run import Results, Run
from openslides_backend.engine.unit_of_work import UnitOfWork
from openslides_backend.models.base import Model
from openslides_backend.permissions.rules import Rule
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.progress import counted
from openslides_backend.shared.record import Record
from openslides_backend.shared.typing import Fields

MANY_ELEMENTS: Final = 100
"""From so many elements on it is told how many of them are done; few are done at once."""

_OF_EVERY_MEETING = ("id", "is_active_in_organization_id", "name")

Look = Callable[[str, int, str], Record | None]
"""Finds a field of a model (collection, id, name of the field)."""


class Visibility(Enum):
    """Who may call an action from outside (http.md, "Action batch")."""

    PUBLIC = "public"
    STACK_INTERNAL = "stack-internal"
    BACKEND_INTERNAL = "backend-internal"
    NEVER = "never"


@contextmanager
def blaming(index: int) -> Iterator[None]:
    """Errors raised inside are blamed on the element with this index."""
    try:
        yield
    except BackendError as error:
        if error.action_data_error_index is None:
            error.action_data_error_index = index
        raise


def check_each(elements: Sequence[Fields], check: Callable[[Fields], None]) -> None:
    """Check one element after the other; what is raised is blamed on the element."""
    for index, element in enumerate(elements):
        with blaming(index):
            check(element)


class Known(dict[str, Any]):
    """What is known of an element: `known["field"]` is None for what isn't given, or isn't known yet.

    `known["meeting_id"]` is its meeting, also where that follows from another model.
    """

    def __init__(self, element: Fields, meeting_id: int | None = None) -> None:
        super().__init__(element)
        self.meeting_id = meeting_id

    def __missing__(self, name: str) -> Any:
        return self.meeting_id if name == "meeting_id" else None


class Hooks:
    """What happens in the life of an action, in this order. Every hook does what its name says, and nothing else."""

    run: Run
    uow: UnitOfWork

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        """What is going to be read, as far as it is known now (the elements are `Known`).

        Asked again after each round of reading until nothing new is named: what follows from data that have been read
        meanwhile (`uow.peek`) is named then. Nothing may be read in here.
        """
        return ()

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        """How many ids of which collections will be needed; asked once everything is read (the elements are `Known`).

        They are reserved while the permission is asked.
        """
        return {}

    def check_early(self, elements: Sequence[Fields]) -> None:
        """Checks that answer 400 even to users without permission ("[early]" in the specification)."""

    def prepare(self, elements: list[Fields]) -> None:
        """Values that concern all elements together, and dependent actions that must come first."""

    def check(self, element: Fields) -> None:
        """Checks of one element; the changes of earlier elements are visible. Changes nothing."""

    def fill(self, element: Fields) -> None:
        """Values of one element, which may be taken for granted to be allowed. Raises nothing by itself."""

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Dependent actions, after all elements are worked on."""

    def tell_history(self, elements: Sequence[Fields]) -> None:
        """What is told about the elements, after the dependent actions have told theirs."""


class Part(Hooks):
    """One thing about an action with all that belongs to it; for each action at work a copy is made, bound to it.

    `payload_keys` are the optional keys that it adds to the payload, with their schemas. `meeting_fields` and
    `stored_fields` name what it needs of the elements' meetings and of their own models.
    """

    payload_keys: Mapping[str, Schema] = {}
    meeting_fields: tuple[str, ...] = ()
    stored_fields: tuple[str, ...] = ()
    action: "Action"

    def __get__(self, action: "Action | None", owner: type) -> Self:
        return self if action is None else action.bound(self)

    def bind(self, action: "Action") -> Self:
        """A copy that works for this action."""
        # Not by `copy`, which takes several times as long: a small action binds dozens of parts.
        bound = object.__new__(type(self))
        vars(bound).update(vars(self), action=action, run=action.run, uow=action.uow)
        return bound


class _Place(Part):
    """Reads the models that elements name as theirs, and their meetings."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        action, ids = self.action, dict[str, set[int]]()
        for element in elements:
            if (related := action.safely_related(element)) is not None:
                ids.setdefault(related[0], set()).add(related[1])
        for collection, numbers in ids.items():
            if collection in self.run.models:
                yield GetMany(collection, tuple(sorted(numbers)), action.names_of_related(collection))
        if action.archived_exempt and action.meeting_names == _OF_EVERY_MEETING:
            return
        if meetings := {meeting_id for element in elements for meeting_id in action.meeting_ids(element)}:
            yield GetMany("meeting", tuple(sorted(meetings)), action.meeting_names)


class Action(Hooks):
    """What may be done with a collection: name, payload, permission, checks, effects and history in one place.

    A subclass that sets `name` joins the registry. For each request (and retry) a new object is made, which works on
    all elements of the action. All hooks are called for its parts first, in order, then for itself.
    """

    name: ClassVar[str]
    model: ClassVar[type[Model]]
    payload: ClassVar[Payload]
    """What an element may hold. Where none is declared, that is the id of its model and nothing else."""
    permission: ClassVar[Rule | None] = None
    visibility: ClassVar[Visibility] = Visibility.PUBLIC
    singular: ClassVar[bool] = False
    alone: ClassVar[bool] = False
    """Whether it must be the only action of its transaction: what it does elsewhere can't be taken back."""
    archived_exempt: ClassVar[bool] = False
    result_is_null: ClassVar[bool] = False
    meeting_source: ClassVar[str | None] = None
    withheld: ClassVar[tuple[str, ...]] = ()
    """Keys of the payload that the permission service isn't told, because they may be large; no rule can see them."""
    parts: ClassVar[tuple[Part, ...]] = (_Place(),)
    """Further parts; those of base classes are parts, too."""
    all_parts: ClassVar[tuple[Part, ...]] = ()
    meeting_names: ClassVar[tuple[str, ...]] = ()
    stored_names: ClassVar[tuple[str, ...]] = ()
    registry: ClassVar[dict[str, type["Action"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in cls.__dict__ and not hasattr(cls, "payload"):
            cls.payload = Payload(cls.model, required=["id"])
        cls._collect_parts()
        if "name" in cls.__dict__:
            if cls.name in cls.registry:
                raise ValueError(f"There are two actions '{cls.name}'.")
            cls.registry[cls.name] = cls

    @classmethod
    def _collect_parts(cls) -> None:
        parts: list[Part] = []
        for base in reversed(cls.__mro__):
            named = [value for value in base.__dict__.values() if isinstance(value, Part)]
            parts += [*base.__dict__.get("parts", ()), *named]
        cls.all_parts = tuple(dict.fromkeys(parts))
        of_meeting = [name for part in parts for name in part.meeting_fields]
        cls.meeting_names = tuple(dict.fromkeys([*_OF_EVERY_MEETING, *of_meeting]))
        cls.stored_names = tuple(dict.fromkeys(["id", *(name for part in parts for name in part.stored_fields)]))
        keys = {key: schema for part in parts for key, schema in part.payload_keys.items()}
        if keys and "payload" in cls.__dict__:
            cls.payload = cls.payload.with_keys(keys)

    def __init__(self, run: Run, *, nested: bool = False) -> None:
        self.run = run
        self.uow = run.uow
        self.nested = nested
        self._bound = {id(part): part.bind(self) for part in self.all_parts}
        self.steps: tuple[Hooks, ...] = (*self._bound.values(), self)

    def bound(self, part: Any) -> Any:
        """The copy of a declared part that works for this action."""
        return self._bound[id(part)]

    # The life of an action

    def clean(self, element: Any) -> Fields:
        """The element as an object of its own, validated and cleaned but for HTML.

        Raises PayloadError naming the field.
        """
        return self.payload.clean(element)

    def clean_html(self, element: Fields) -> None:
        """Clean the HTML in an element that may be worked on, in place.

        Raises PayloadError naming the field.
        """
        self.payload.clean_html(element)

    def work(self, elements: list[Fields]) -> Results:
        """Carry the action out, hook by hook; one result an element."""
        for step in self.steps:
            step.prepare(elements)
        self.load(elements)
        told = counted(elements, len(elements)) if len(elements) >= MANY_ELEMENTS else elements
        for index, element in enumerate(told):
            with blaming(index):
                self.require(element)
                self.check_and_fill(element)
                self.apply(element)
        for step in self.steps:
            step.follow_up(elements)
        for step in self.steps:
            step.tell_history(elements)
        return [self.result(element) for element in elements]

    def check_and_fill(self, element: Fields) -> None:
        """All checks of one element, then all its values."""
        for step in self.steps:
            step.check(element)
        for step in self.steps:
            step.fill(element)

    def load(self, elements: Sequence[Fields]) -> None:
        """Read in bulk what applying the elements needs and couldn't be read before."""

    def require(self, element: Fields) -> None:
        """Raises ModelDoesNotExist if the model that the element names isn't there."""

    def apply(self, element: Fields) -> None:
        """The change that one element brings about."""

    def result(self, element: Fields) -> Fields | None:
        """The answer for one element."""
        return None

    # Models and meetings of elements

    def stored(self, element: Fields) -> Record:
        """The model that the element names, with the fields that parts declare to be needed (`Stored`).

        Raises ModelDoesNotExist.
        """
        return self.uow.get(self.model.collection, element["id"], *self.stored_names)

    def related_object(self, element: Fields) -> tuple[str, int] | None:
        """The model whose `meeting_id` is the element's meeting.

        `meeting_source` names the relation field of the payload that points to it; without that it is the model of the
        element itself.

        Raises BadRequest if the field names a collection that it can't point to.
        """
        collection, value = self.model.collection, element.get("id")
        if self.meeting_source:
            field = self.model.fields[self.meeting_source]
            value = element.get(self.meeting_source)
            if isinstance(value, str):
                return split_fqid(value)
            collection = next(iter(getattr(field, "targets", {collection: ""})))
        return (collection, value) if isinstance(value, int) else None

    def safely_related(self, element: Fields) -> tuple[str, int] | None:
        """The same; None if there can't be one."""
        try:
            return self.related_object(element)
        except BadRequest:
            return None

    def names_of_related(self, collection: str) -> tuple[str, ...]:
        """What is read of the models that the elements name as theirs."""
        names = self.stored_names if collection == self.model.collection and not self.meeting_source else ("id",)
        return (*names, "meeting_id") if self.run.has_field(collection, "meeting_id") else names

    def meeting_id(self, element: Fields) -> int | None:
        """The meeting that the element belongs to; None if there is none, or if its model isn't stored."""
        return element.meeting_id if isinstance(element, Known) else self.find_meeting(element, self.uow.find)

    def find_meeting(self, element: Fields, look: Look) -> int | None:
        """The element's own `meeting_id`, else that of the related object, as it can be looked up."""
        if self.model.collection == "meeting" and isinstance(element.get("id"), int):
            return int(element["id"])
        if isinstance(element.get("meeting_id"), int):
            return int(element["meeting_id"])
        related = self.related_object(element) if look == self.uow.find else self.safely_related(element)
        if related is None or not self.run.has_field(related[0], "meeting_id"):
            return None
        stored = look(*related, "meeting_id")
        return stored["meeting_id"] if stored else None

    def meeting_ids(self, element: Fields) -> list[int]:
        """All meetings that must not be archived: the element's own one, unless an action changes others, too."""
        meeting_id = self.meeting_id(element)
        return [] if meeting_id is None else [meeting_id]

    def meeting(self, element: Fields) -> Record:
        """The element's meeting with the fields that parts declare to be needed (`OfMeeting`).

        Nothing is set if there is no such meeting.
        """
        meeting_id = self.meeting_id(element)
        found = self.uow.find("meeting", meeting_id, *self.meeting_names) if meeting_id else None
        return Record({}, self.meeting_names) if found is None else found

    def peek_meeting(self, element: Fields) -> Record | None:
        """The same while reads are named: None as long as that meeting isn't read, nothing set if there is none."""
        meeting_id = self.meeting_id(element)
        if meeting_id is None:
            return None
        if self.uow.unknown([GetMany("meeting", (meeting_id,), self.meeting_names)]):
            return None
        return self.uow.peek("meeting", meeting_id, *self.meeting_names) or Record({}, self.meeting_names)

    def take_meeting_from_related(self, elements: Sequence[Fields]) -> None:
        """Set `meeting_id` of each element to that of the object that `meeting_source` names.

        Source: _shared.md, "Meeting taken from a related object".

        Raises BadRequest if the object doesn't exist or has no meeting.
        """
        for index, element in enumerate(elements):
            with blaming(index):
                related = self.related_object(element)
                if related is None or not self.run.has_field(related[0], "meeting_id"):
                    raise BadRequest(f"{self.meeting_source} names nothing that belongs to a meeting.")
                meeting_id = self.uow.get(*related, "meeting_id")["meeting_id"]
                if meeting_id is None:
                    raise BadRequest(f"{related[0]}/{related[1]} has no meeting_id.")
                element["meeting_id"] = meeting_id

    # Other actions, history

    def execute(
        self,
        name: str,
        elements: Sequence[Fields],
        blamed: Sequence[int] = (),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> Results:
        """Carry out another action inside this one ("through X" in the specification); nothing for no elements.

        `blamed` are the indices of the own elements that its elements are made for, `names` the own keys by those of
        its elements where they differ (see `Run.execute`).
        """
        return self.run.execute(name, elements, blamed, names)

    def tell(self, fqid: str, *texts: str) -> None:
        """Tell history about a model: a template and its arguments."""
        self.run.history.tell(fqid, *texts)

    def checked(self, value: Any, message: str) -> Any:
        """The value, if there is one.

        Raises BadRequest with the message otherwise.
        """
        if value is None:
            raise BadRequest(message)
        return value
