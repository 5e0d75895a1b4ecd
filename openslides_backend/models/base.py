"""Base of the model classes."""

from collections.abc import Mapping
from typing import ClassVar

from openslides_backend.models.fields import Field


class Model:
    """A collection, declared as a class whose attributes are its fields.

    A class that sets `collection` is a model; it gets `fields` (by name, in the order of declaration) and joins
    `registry`, where relation fields find their other side. Models for tests stand below a subclass with a registry of
    its own and thus don't mix with the real ones:

        class FruitModel(Model):
            registry = {}

        class Apple(FruitModel):
            collection = "apple"
            name = StringField(required=True)

    A field whose name can't be an attribute's (a keyword, or one of the names above) is declared under another one and
    gets its name as an argument: `from_ = StringField(name="from")`.
    """

    collection: ClassVar[str]
    fields: ClassVar[Mapping[str, Field]]
    registry: ClassVar[dict[str, type["Model"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "collection" not in cls.__dict__:
            return
        if cls.collection in cls.registry:
            raise ValueError(f"There are two models for '{cls.collection}'.")
        fields: dict[str, Field] = {}
        for attribute, field in cls.__dict__.items():
            if isinstance(field, Field):
                field.bind(cls.collection, attribute, cls.registry)
                fields[field.name] = field
        cls.fields = fields
        cls.registry[cls.collection] = cls
