"""The generic actions that most actions are made of: create, update, delete."""

from collections.abc import Sequence
from typing import ClassVar

from openslides_backend.engine.action import Action, Results, blaming
from openslides_backend.engine.numbering import (
    SEQUENTIAL_NUMBER,
    assign_sequential_numbers,
    sequential_number_needs,
)
from openslides_backend.engine.relations import relation_fields
from openslides_backend.models.fields import MISSING
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.fqid import make_fqid
from openslides_backend.shared.typing import Fields


class _ElementAction(Action):
    """Hooks that create and update share; `elements` are objects of their own and may be changed in place."""

    def prepare(self, elements: list[Fields]) -> list[Fields]:
        """Bulk reads and values that concern all elements; may return another list of elements."""
        return elements

    def fill(self, element: Fields) -> None:
        """Values of one element; the changes of earlier elements are visible."""

    def check(self, element: Fields) -> None:
        """Checks of one element; the changes of earlier elements are visible."""

    def follow_up(self, elements: Sequence[Fields]) -> None:
        """Dependent actions, after all elements are worked on."""

    def tell_history(self, elements: Sequence[Fields]) -> None:
        """What is told about the elements, after the dependent actions have told theirs."""

    def stored_part(self, element: Fields) -> Fields:
        """What of the element is written to the model: all but the extra keys of the payload and the id."""
        return {name: value for name, value in element.items() if name != "id" and name not in self.payload.extra}

    def finish(self, elements: Sequence[Fields]) -> None:
        """Dependent actions, then history."""
        self.follow_up(elements)
        self.tell_history(elements)


class CreateAction(_ElementAction):
    """Creates a model for each element.

    With `meeting_source` set, `meeting_id` is taken from the object that this field of the payload names. Models with a
    sequential number get the next one of their meeting. `also_reserved` names collections of which dependent actions
    create a model for each element: their ids are reserved in the same round trip.
    """

    also_reserved: ClassVar[tuple[str, ...]] = ()

    def needs(self, elements: Sequence[Fields]) -> list[Query]:
        queries = self.run.relations.needs(self.model, [self.stored_part(element) for element in elements])
        if SEQUENTIAL_NUMBER in self.model.fields:
            meetings = [element["meeting_id"] for element in elements if "meeting_id" in element]
            queries += sequential_number_needs(self.model.collection, meetings)
        return queries

    def new_ids(self, elements: Sequence[Fields]) -> dict[str, int]:
        return dict.fromkeys((self.model.collection, *self.also_reserved), len(elements))

    def work(self, elements: list[Fields]) -> Results:
        """Reserve ids, then prepare, fill, check and create each element, then dependent actions and history."""
        if self.meeting_source and "meeting_id" in self.model.fields:
            self.take_meeting_from_related(elements)
        for element in elements:
            self._set_defaults(element)
        self.uow.reserve(self.new_ids(elements))
        for element, id_ in zip(elements, self.uow.next_ids(self.model.collection, len(elements)), strict=True):
            element["id"] = id_
        if SEQUENTIAL_NUMBER in self.model.fields:
            assign_sequential_numbers(self.uow, self.model.collection, elements)
        elements = self.prepare(elements)
        self.uow.prefetch(self.run.relations.needs(self.model, [self.stored_part(e) for e in elements]))
        for index, element in enumerate(elements):
            with blaming(index):
                self.fill(element)
                self.check(element)
                self.run.relations.create(self.model, element["id"], self.stored_part(element))
        self.finish(elements)
        return [self.result(element) for element in elements]

    def result(self, element: Fields) -> Fields | None:
        """The answer for one element: its id, and its sequential number if it has one."""
        names = ("id", "sequential_number")
        return {name: element[name] for name in names if element.get(name) is not None}

    def _set_defaults(self, element: Fields) -> None:
        for name, field in self.model.fields.items():
            if name not in element and (default := field.default) is not MISSING:
                element[name] = default
        if "organization_id" in self.model.fields and "organization_id" not in element:
            element["organization_id"] = 1


class UpdateAction(_ElementAction):
    """Changes fields of the models that the elements name by their ids."""

    def own_fields(self, elements: Sequence[Fields]) -> list[str]:
        """The declared fields, and the relations that are going to change."""
        changed = {name for element in elements for name in element}
        return [*self.stored_fields, *(field.name for field in relation_fields(self.model, sorted(changed)))]

    def work(self, elements: list[Fields]) -> Results:
        """Prepare, fill, check and update each element, then dependent actions and history."""
        elements = self.prepare(elements)
        instances = [{"id": e["id"], **self.stored_part(e)} for e in elements]
        self.run.relations.load(self.model, instances)
        self.uow.load(self.model.collection, [e["id"] for e in elements], "id", *self.stored_fields)
        for index, element in enumerate(elements):
            with blaming(index):
                if not self.uow.exists(self.model.collection, element["id"]):
                    raise ModelDoesNotExist(make_fqid(self.model.collection, element["id"]))
                self.fill(element)
                self.check(element)
                self.run.relations.update(self.model, element["id"], self.stored_part(element))
        self.finish(elements)
        return [self.result(element) for element in elements]

    def result(self, element: Fields) -> Fields | None:
        """The answer for one element."""
        return None


class DeleteAction(_ElementAction):
    """Deletes the models that the elements name, and what hangs on them (engine.md, "Deleting")."""

    keeps: ClassVar[tuple[str, ...]] = ()
    """Relation fields whose `on_delete` this action doesn't follow."""

    def own_fields(self, elements: Sequence[Fields]) -> list[str]:
        """The declared fields, and everything that the deletion follows."""
        return [*self.stored_fields, *(field.name for field in relation_fields(self.model, self.model.fields))]

    def work(self, elements: list[Fields]) -> Results:
        """Prepare, check and delete each element with its cascade, then dependent actions and history."""
        elements = self.prepare(elements)
        with self.run.deletion as deletion:
            deletion.load(self.model, [e["id"] for e in elements])
            for index, element in enumerate(elements):
                with blaming(index):
                    if not self.uow.exists(self.model.collection, element["id"]):
                        raise ModelDoesNotExist(make_fqid(self.model.collection, element["id"]))
                    self.fill(element)
                    self.check(element)
            self.begin(elements)
            deletion.delete(self.model, [e["id"] for e in elements], self.keeps)
            self.follow_up(elements)
        self.tell_history(elements)
        return [None for _ in elements]

    def begin(self, elements: Sequence[Fields]) -> None:
        """Effects before anything of the elements is deleted."""
