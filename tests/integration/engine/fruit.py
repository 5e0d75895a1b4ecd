"""Small models with every kind of relation, and generic actions for them, for tests of the engine."""

from typing import ClassVar

from openslides_backend.engine.action import Action
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.handler import ActionHandler
from openslides_backend.engine.payload import Payload
from openslides_backend.models.base import Model
from openslides_backend.models.fields import (
    GenericRelationField,
    GenericRelationListField,
    NumberField,
    OnDelete,
    RelationField,
    RelationListField,
    StringField,
)
from openslides_backend.services.services import Services
from openslides_backend.shared.context import INTERNAL, RequestContext


class FruitModel(Model):
    """Base of the test models, with a registry of its own."""

    registry: ClassVar[dict[str, type[Model]]] = {}


class Meeting(FruitModel):
    collection = "meeting"
    id = NumberField(required=True)
    is_active_in_organization_id = NumberField()
    name = StringField()
    apple_ids = RelationListField(to="apple.meeting_id", on_delete=OnDelete.CASCADE)
    basket_ids = RelationListField(to="basket.meeting_id", on_delete=OnDelete.CASCADE)


class Apple(FruitModel):
    collection = "apple"
    id = NumberField(required=True)
    name = StringField(required=True, default="apple")
    weight = NumberField()
    basket_id = RelationField(to="basket.apple_ids", equal_fields=("meeting_id",))
    label_id = RelationField(to="label.apple_id")
    worm_ids = RelationListField(to="worm.apple_ids")
    note_ids = RelationListField(to="note.content_object_id", on_delete=OnDelete.CASCADE)
    shelf_ids = RelationListField(to="shelf.item_ids")
    crown_id = RelationField(to="crown.head_id")
    meeting_id = RelationField(to="meeting.apple_ids", constant=True)


class Basket(FruitModel):
    collection = "basket"
    id = NumberField(required=True)
    apple_ids = RelationListField(to="apple.basket_id", on_delete=OnDelete.CASCADE, equal_fields=("meeting_id",))
    note_ids = RelationListField(to="note.content_object_id")
    shelf_id = RelationField(to="shelf.item_ids")
    crown_id = RelationField(to="crown.head_id")
    meeting_id = RelationField(to="meeting.basket_ids", constant=True)


class Label(FruitModel):
    collection = "label"
    id = NumberField(required=True)
    apple_id = RelationField(to="apple.label_id")


class Worm(FruitModel):
    collection = "worm"
    id = NumberField(required=True)
    apple_ids = RelationListField(to="apple.worm_ids", on_delete=OnDelete.PROTECT)


class Note(FruitModel):
    collection = "note"
    id = NumberField(required=True)
    content_object_id = GenericRelationField(to=("apple.note_ids", "basket.note_ids"))


class Shelf(FruitModel):
    collection = "shelf"
    id = NumberField(required=True)
    item_ids = GenericRelationListField(to=("apple.shelf_ids", "basket.shelf_id"))


class Crown(FruitModel):
    collection = "crown"
    id = NumberField(required=True)
    head_id = GenericRelationField(to=("apple.crown_id", "basket.crown_id"))


class FruitAction:
    """Keeps the test actions out of the real registry."""

    registry: ClassVar[dict[str, type[Action]]] = {}


def _declare(model: type[Model]) -> None:
    names = [name for name in model.fields if name != "id"]
    for verb, base, payload in (
        ("create", CreateAction, Payload(model, optional=names)),
        ("update", UpdateAction, Payload(model, required=["id"], optional=names)),
        ("delete", DeleteAction, Payload(model, required=["id"])),
    ):
        attributes = {"name": f"{model.collection}.{verb}", "model": model, "payload": payload}
        type(f"{model.__name__}{verb.title()}", (FruitAction, base), attributes)


for _model in FruitModel.registry.values():
    _declare(_model)


def fruit_handler(services: Services) -> ActionHandler:
    """A handler that knows nothing but fruit."""
    return ActionHandler(services, FruitAction.registry, FruitModel.registry)


FARMER = RequestContext(INTERNAL, internal=True)
"""Internal requests aren't asked for permissions."""
