"""Actions that put models in order (_shared.md, "Linear sorting" and "Tree sorting")."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from openslides_backend.engine.action import Action
from openslides_backend.engine.parts import Matching, same
from openslides_backend.engine.payload import ID, IDS, Payload, Schema
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.base import Model
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import Filter, equals
from openslides_backend.shared.typing import Fields


def linear_payload(model: type[Model], main: str, ids: str) -> Payload:
    """Payload of a linear sort: the id of the main object and the list of ids."""
    return Payload(model, extra_required={main: ID, ids: IDS})


class LinearSortAction(Action):
    """Sets the weights of all models of a main object to their places in the given list.

    `main_key` is the payload's key of the main object and `ids_key` that of the list; the models to be sorted are those
    whose own field `main_field` names the main object. They are of the action's own collection unless
    `sorted_collection` names another one.
    """

    singular = True
    result_is_null = True
    main_key: ClassVar[str]
    main_field: ClassVar[str]
    ids_key: ClassVar[str]
    weight_field: ClassVar[str] = "weight"
    sorted_collection: ClassVar[str | None] = None

    @property
    def collection(self) -> str:
        """The collection of the models that are sorted."""
        return self.sorted_collection or self.model.collection

    def reads(self, elements: Sequence[Fields]) -> Iterable[Query]:
        scopes = [self.scope(element) for element in elements]
        return [filter_query(self.collection, scope, "id") for scope in scopes if scope is not None]

    def scope(self, element: Fields) -> Filter | None:
        """The models that are sorted; None if that isn't known yet."""
        return equals(**{self.main_field: element[self.main_key]})

    def check(self, element: Fields) -> None:
        """The list must hold all models of the main object and nothing else."""
        ids = element[self.ids_key]
        scope = self.scope(element)
        existing = {} if scope is None else self.uow.filter(self.collection, scope, "id")
        for id_ in ids:
            if id_ not in existing:
                raise InvalidField(self.ids_key, f"{self.collection}/{id_} is not among what is to be sorted.")
        if len(ids) != len(existing):
            missing = sorted(existing.keys() - set(ids))
            raise BadRequest(f"{self.ids_key} must hold all ids, {', '.join(map(str, missing))} are missing.")

    def apply(self, element: Fields) -> None:
        """Write the weights."""
        for weight, id_ in enumerate(element[self.ids_key], start=1):
            self.uow.update(self.collection, id_, {self.weight_field: weight})


_NODE: Schema = {
    "type": "object",
    "properties": {"id": ID, "children": {"$ref": "#/definitions/nodes"}},
    "required": ["id"],
    "additionalProperties": False,
}
_NODES: Schema = {"type": "array", "items": _NODE, "minItems": 1, "uniqueItems": True}


class TreePayload(Payload):
    """Payload of a tree sort: `meeting_id` and `tree`, whose nodes have an `id` and maybe `children`."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__(model, extra_required={"meeting_id": ID, "tree": _NODES})

    @property
    def definitions(self) -> Schema:
        """Nodes may stand in nodes, at any depth."""
        return {"nodes": _NODES}


class TreeSortAction(Action):
    """Arranges all models of a meeting as the given tree says."""

    singular = True
    result_is_null = True
    weight_field: ClassVar[str] = "weight"
    parent_field: ClassVar[str] = "parent_id"
    children_field: ClassVar[str] = "child_ids"
    level_field: ClassVar[str | None] = None

    _of_meeting = Matching("", same("meeting_id"))

    def check(self, element: Fields) -> None:
        """The tree must hold all models of the meeting once."""
        ids = [place["id"] for place in self._places(element["tree"])]
        if len(set(ids)) != len(ids):
            raise InvalidField("tree", "an id stands in the tree more than once.")
        existing = self._of_meeting.of(element)
        for id_ in ids:
            if id_ not in existing:
                raise InvalidField("tree", f"{self.model.collection}/{id_} does not belong to the meeting.")
        if len(ids) != len(existing):
            missing = sorted(existing.keys() - set(ids))
            raise InvalidField("tree", f"{', '.join(map(str, missing))} are missing.")

    def apply(self, element: Fields) -> None:
        """Write every model's place."""
        for place in self._places(element["tree"]):
            # Both sides of the relation are given as a whole, so they agree without the engine's help.
            self.uow.update(self.model.collection, place.pop("id"), place)

    def _places(self, tree: Sequence[Any]) -> Iterator[Fields]:
        """New field values of every model of the tree; without recursion, so that deep trees do no harm."""
        pending: list[tuple[Sequence[Any], int | None, int]] = [(tree, None, 0)]
        while pending:
            nodes, parent, level = pending.pop()
            for weight, node in enumerate(nodes, start=1):
                children = node.get("children", [])
                place = {
                    "id": node["id"],
                    self.weight_field: weight,
                    self.parent_field: parent,
                    self.children_field: [child["id"] for child in children],
                }
                if self.level_field:
                    place[self.level_field] = level
                yield place
                if children:
                    pending.append((children, node["id"], level + 1))
