"""The generic actions that most actions are made of: create, update, delete."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from openslides_backend.engine.action import Action, Part, blaming
from openslides_backend.engine.numbering import SequentialNumber
from openslides_backend.engine.relations import relation_fields
from openslides_backend.engine.run import Results
from openslides_backend.models.fields import MISSING
from openslides_backend.services.datastore import GetMany, Query
from openslides_backend.shared.exceptions import ModelDoesNotExist, ProtectedModels
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class _ElementAction(Action):
    """What the generic actions share; `elements` are objects of their own and may be changed in place."""

    def stored_part(self, element: Fields) -> Fields:
        """What of the element is written to the model: all but the extra keys of the payload and the id."""
        return {name: value for name, value in element.items() if name != "id" and name not in self.payload.extra}

    def require(self, element: Fields) -> None:
        """Raises ModelDoesNotExist if the model that the element names isn't there."""
        if not self.uow.exists(self.model.collection, element["id"]):
            raise ModelDoesNotExist(make_fqid(self.model.collection, element["id"]))


class _NewModels(Part):
    """The models that are created: their ids, defaults and relations.

    An element that has an id when the work begins keeps it; an action has reserved it then.
    """

    action: "CreateAction"

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.relations.needs(self.action.model, map(self.action.stored_part, elements))

    def reserves(self, elements: Sequence[Fields]) -> Mapping[str, int]:
        return {self.action.model.collection: sum("id" not in element for element in elements)}

    def prepare(self, elements: list[Fields]) -> None:
        model = self.action.model
        if self.action.meeting_source and "meeting_id" in model.fields:
            self.action.take_meeting_from_related(elements)
        without = [element for element in elements if "id" not in element]
        for element, id_ in zip(without, self.uow.next_ids(model.collection, len(without)), strict=True):
            element["id"] = id_
        with_default = [field for field in model.fields.values() if field.default is not MISSING]
        for element in elements:
            for field in with_default:
                if field.name not in element:
                    element[field.name] = field.default
            if "organization_id" in model.fields:
                element.setdefault("organization_id", 1)


class CreateAction(_ElementAction):
    """Creates a model for each element.

    With `meeting_source` set, `meeting_id` is taken from the object that this field of the payload names. Models with a
    sequential number get the next one of their meeting.
    """

    parts: ClassVar[tuple[Part, ...]] = (_NewModels(), SequentialNumber())

    def load(self, elements: Sequence[Fields]) -> None:
        """Read what values that were found meanwhile refer to."""
        self.uow.prefetch(self.run.relations.needs(self.model, map(self.stored_part, elements)))

    def require(self, element: Fields) -> None:
        """Nothing: the model is about to be created."""

    def apply(self, element: Fields) -> None:
        """Create the model."""
        self.run.relations.create(self.model, element["id"], self.stored_part(element))

    def result(self, element: Fields) -> Fields | None:
        """The answer for one element: its id, and its sequential number if it has one."""
        names = ("id", "sequential_number")
        return {name: element[name] for name in names if element.get(name) is not None}


class _ChangedRelations(Part):
    """The relations that are changed: their old values, and all that follows from them."""

    action: "UpdateAction"

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        return self.run.relations.reads(self.action.model, self.action.changes(elements))


class UpdateAction(_ElementAction):
    """Changes fields of the models that the elements name by their ids."""

    parts: ClassVar[tuple[Part, ...]] = (_ChangedRelations(),)

    def changes(self, elements: Iterable[Fields]) -> list[Fields]:
        """Ids and new values of the models, as far as the elements have ids already."""
        return [{"id": e["id"], **self.stored_part(e)} for e in elements if "id" in e]

    def load(self, elements: Sequence[Fields]) -> None:
        """Read what values that were found meanwhile refer to."""
        self.run.relations.load(self.model, self.changes(elements))
        self.uow.load(self.model.collection, [e["id"] for e in elements], *self.stored_names)

    def apply(self, element: Fields) -> None:
        """Change the model."""
        self.run.relations.update(self.model, element["id"], self.stored_part(element))


class _DeletedModels(Part):
    """The models that are deleted, with all that the deletion follows."""

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        model = self.action.model
        ids = sorted({element["id"] for element in elements if "id" in element})
        names = ("id", *(field.name for field in relation_fields(model, model.fields)))
        return [GetMany(model.collection, tuple(ids), names)]


class DeleteAction(_ElementAction):
    """Deletes the models that the elements name, and what hangs on them (engine.md, "Deleting")."""

    parts: ClassVar[tuple[Part, ...]] = (_DeletedModels(),)
    keeps: ClassVar[tuple[str, ...]] = ()
    """Relation fields whose `on_delete` this action doesn't follow."""

    def work(self, elements: list[Fields]) -> Results:
        """Prepare and check each element, delete all with their cascade, then dependent actions and history."""
        for step in self.steps:
            step.prepare(elements)
        with self._blaming_protected(elements), self.run.deletion as deletion:
            deletion.load(self.model, [e["id"] for e in elements])
            for index, element in enumerate(elements):
                with blaming(index):
                    self.require(element)
                    self.check_and_fill(element)
            self.begin(elements)
            deletion.delete(self.model, [e["id"] for e in elements], self.keeps)
            for step in self.steps:
                step.follow_up(elements)
        for step in self.steps:
            step.tell_history(elements)
        return [None for _ in elements]

    @contextmanager
    def _blaming_protected(self, elements: Sequence[Fields]) -> Iterator[None]:
        """What protects a model is judged at the end, when all that is deleted is known: blame the model's element."""
        try:
            yield
        except ProtectedModels as error:
            indices = {make_fqid(self.model.collection, element["id"]): i for i, element in enumerate(elements)}
            error.action_data_error_index = indices.get(error.fqid, 0 if len(elements) == 1 else None)
            raise

    def begin(self, elements: Sequence[Fields]) -> None:
        """Effects before anything of the elements is deleted."""
