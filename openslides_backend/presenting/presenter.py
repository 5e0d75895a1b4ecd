"""What all presenters have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from openslides_backend.permissions.checker import Checker
from openslides_backend.permissions.rules import Rule
from openslides_backend.presenting.schema import LazyValidator, Schema
from openslides_backend.services.datastore import DatastoreReader
from openslides_backend.shared.context import RequestContext
from openslides_backend.shared.fqid import MAX_ID
from openslides_backend.shared.typing import Fields

ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
IDS: Schema = {"type": "array", "items": ID, "uniqueItems": True}


def takes(
    properties: Mapping[str, Schema], required: Sequence[str] | None = None, *, additional: bool = False
) -> LazyValidator:
    """The data that a presenter takes: its properties by name, all of them required unless said otherwise.

    `additional` unknown keys are ignored where data are open, refused where they are strict (presenters.md).
    """
    return LazyValidator(
        {
            "type": "object",
            "properties": dict(properties),
            "required": list(properties if required is None else required),
            "additionalProperties": additional,
        }
    )


class Presenter(ABC):
    """Answers one kind of question on stored data; it only reads.

    A subclass with a `name` is registered under it. `data` judges the data of a question; None: it takes none.
    `permission` is the rule that the permission service applies before `present` is called; `checker` answers further
    questions on what the user may do.
    """

    registry: ClassVar[dict[str, type["Presenter"]]] = {}

    name: ClassVar[str]
    data: ClassVar[LazyValidator | None] = None
    permission: ClassVar[Rule]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" in cls.__dict__:
            if cls.name in Presenter.registry:
                raise TypeError(f"There are two presenters '{cls.name}'.")
            Presenter.registry[cls.name] = cls

    def __init__(self, datastore: DatastoreReader, context: RequestContext) -> None:
        self.datastore = datastore
        self.context = context
        self.checker = Checker(datastore, context.user_id, remember=True)

    @abstractmethod
    def present(self, data: Fields) -> object:
        """The answer, a JSON value, to a question with this data (empty for a presenter that takes none).

        Raises BadRequest if it can't be answered, PermissionDenied if the user may not know.
        """
