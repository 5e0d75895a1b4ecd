"""Base of all actions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

from openslides_backend.engine.payload import Payload
from openslides_backend.models.base import Model
from openslides_backend.permissions.rules import Rule
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import BackendError, BadRequest
from openslides_backend.shared.fqid import split_fqid
from openslides_backend.shared.typing import Fields

if TYPE_CHECKING:
    from openslides_backend.engine.run import Run

Results = list[Fields | None]


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


class Action:
    """What may be done with a collection: name, payload, permission, checks, effects and history in one place.

    A subclass that sets `name` joins the registry. For each request (and retry) a new object is made, which works on
    all elements of the action. The engine calls the hooks in this order:

    1. `payload` validates and cleans each element, HTML aside;
    2. what `needs` names is read in one round trip, together with what the archived check and relations need;
    3. `check_early`: checks that answer 400 even to users without permission;
    4. archived meeting (unless `archived_exempt`), then `permission`, judged by the permission service;
    5. `clean_html`, of what is going to be written: nobody else is worth the time;
    6. `work`, which the generic actions split further.

    `meeting_fields` and `stored_fields` name fields of the meeting and of the model itself that are going to be read,
    so that they come with the first reads.
    """

    name: ClassVar[str]
    model: ClassVar[type[Model]]
    payload: ClassVar[Payload]
    permission: ClassVar[Rule | None] = None
    visibility: ClassVar[Visibility] = Visibility.PUBLIC
    singular: ClassVar[bool] = False
    archived_exempt: ClassVar[bool] = False
    result_is_null: ClassVar[bool] = False
    meeting_source: ClassVar[str | None] = None
    meeting_fields: ClassVar[tuple[str, ...]] = ()
    stored_fields: ClassVar[tuple[str, ...]] = ()
    registry: ClassVar[dict[str, type["Action"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in cls.__dict__:
            if cls.name in cls.registry:
                raise ValueError(f"There are two actions '{cls.name}'.")
            cls.registry[cls.name] = cls

    def __init__(self, run: "Run", *, nested: bool = False) -> None:
        self.run = run
        self.uow = run.uow
        self.nested = nested

    # Hooks

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

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        """Queries that are known from the payload alone, to be read with the first ones."""
        return []

    def new_ids(self, elements: Sequence[Fields]) -> dict[str, int]:
        """How many ids of which collections are known to be needed; they are reserved while the permission is asked."""
        return {}

    def check_early(self, elements: Sequence[Fields]) -> None:
        """Checks before archived meeting and permission ("[early]" in the specification)."""

    def work(self, elements: list[Fields]) -> Results:
        """Carry the action out; one result an element."""
        raise NotImplementedError

    # The meeting of an element

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

    def meeting_id(self, element: Fields) -> int | None:
        """The meeting that the element belongs to: its own `meeting_id`, else that of the related object.

        None if there is none, or if the object isn't stored.
        """
        if self.model.collection == "meeting" and isinstance(element.get("id"), int):
            return int(element["id"])
        if isinstance(element.get("meeting_id"), int):
            return int(element["meeting_id"])
        related = self.related_object(element)
        if related is None or not self.run.has_field(related[0], "meeting_id"):
            return None
        stored = self.uow.find(*related, "meeting_id")
        return stored.get("meeting_id") if stored else None

    def meeting_ids(self, element: Fields) -> list[int]:
        """All meetings that must not be archived: the element's own one, unless an action changes others, too."""
        meeting_id = self.meeting_id(element)
        return [] if meeting_id is None else [meeting_id]

    def meeting(self, element: Fields) -> Fields:
        """The declared `meeting_fields` of the element's meeting; empty if there is no such meeting."""
        meeting_id = self.meeting_id(element)
        return (self.uow.find("meeting", meeting_id, "id", *self.meeting_fields) or {}) if meeting_id else {}

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
                meeting_id = self.uow.get(*related, "meeting_id").get("meeting_id")
                if meeting_id is None:
                    raise BadRequest(f"{related[0]}/{related[1]} has no meeting_id.")
                element["meeting_id"] = meeting_id

    # Reading before the work

    def first_needs(self, elements: Sequence[Fields]) -> list[Query]:
        """Everything that is known to be read from the payload alone."""
        queries = self.needs(elements)
        related = {target for e in elements if (target := self._safe_related(e)) is not None}
        by_collection: dict[str, set[int]] = {}
        for collection, id_ in related:
            by_collection.setdefault(collection, set()).add(id_)
        for collection, ids in by_collection.items():
            if collection in self.run.models:
                queries.append(GetMany(collection, tuple(sorted(ids)), self._related_names(collection, elements)))
        return queries

    def _safe_related(self, element: Fields) -> tuple[str, int] | None:
        try:
            return self.related_object(element)
        except BadRequest:
            return None

    def _related_names(self, collection: str, elements: Sequence[Fields]) -> tuple[str, ...]:
        names = ["id"]
        if self.run.has_field(collection, "meeting_id"):
            names.append("meeting_id")
        if collection == self.model.collection and not self.meeting_source:
            names += self.own_fields(elements)
        return tuple(dict.fromkeys(names))

    def own_fields(self, elements: Sequence[Fields]) -> list[str]:
        """Fields of the elements' own models that come with the first reads."""
        return [*self.stored_fields]

    def meeting_needs(self, elements: Sequence[Fields]) -> list[Query]:
        """The meetings of the elements, as far as they are known, with what is needed of them."""
        meetings = {meeting_id for e in elements if (meeting_id := self._meeting_if_known(e)) is not None}
        names = ("id", "is_active_in_organization_id", "name", *self.meeting_fields)
        return [GetMany("meeting", tuple(sorted(meetings)), names)] if meetings else []

    def _meeting_if_known(self, element: Fields) -> int | None:
        if self.model.collection == "meeting" or isinstance(element.get("meeting_id"), int):
            return self.meeting_id(element)
        return None

    def execute(self, name: str, elements: Sequence[Fields]) -> Results:
        """Carry out another action inside this one ("through X" in the specification); nothing for no elements."""
        return self.run.execute(name, elements)

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
