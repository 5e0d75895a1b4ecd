"""Genders that users can choose (organization.md)."""

from collections.abc import Sequence

from openslides_backend.engine.action import Action, blaming
from openslides_backend.engine.generics import CreateAction, DeleteAction, UpdateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.unit_of_work import filter_query
from openslides_backend.models.models import Gender
from openslides_backend.permissions.levels import Level
from openslides_backend.permissions.rules import oml
from openslides_backend.services.datastore import Query
from openslides_backend.shared.exceptions import BadRequest, InvalidField
from openslides_backend.shared.filters import any_of
from openslides_backend.shared.typing import Fields

_DEFAULT_GENDERS = range(1, 5)
"""Those of the initial data, which everybody relies on."""


def _same_names(elements: Sequence[Fields]) -> Query:
    return filter_query("gender", any_of("name", {element["name"] for element in elements}), "name")


def _check_names(action: Action, elements: Sequence[Fields]) -> None:
    """No other gender, and no earlier element, may have the name of an element.

    Raises BadRequest.
    """
    found = action.uow.filter("gender", any_of("name", {element["name"] for element in elements}), "name")
    owners = {gender["name"]: id_ for id_, gender in found.items()}
    given: set[str] = set()
    for index, element in enumerate(elements):
        name = element["name"]
        if name in given or owners.get(name, element.get("id")) != element.get("id"):
            with blaming(index):
                raise InvalidField("name", f"there is a gender '{name}' already.")
        given.add(name)


def _check_not_default(action: Action, element: Fields) -> None:
    if element["id"] in _DEFAULT_GENDERS and not action.run.context.internal:
        raise BadRequest(f"gender/{element['id']} is one of the default genders, which stay as they are.")


class GenderCreate(CreateAction):
    """Create a gender."""

    name = "gender.create"
    model = Gender
    payload = Payload(Gender, required=["name"])
    permission = oml(Level.CAN_MANAGE_USERS)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [*super().reads(elements), _same_names(elements)]

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_names(self, elements)


class GenderUpdate(UpdateAction):
    """Rename a gender that isn't one of the default ones."""

    name = "gender.update"
    model = Gender
    payload = Payload(Gender, required=["id", "name"])
    permission = oml(Level.CAN_MANAGE_USERS)

    def reads(self, elements: Sequence[Fields]) -> list[Query]:
        return [_same_names(elements)]

    def check_early(self, elements: Sequence[Fields]) -> None:
        _check_names(self, elements)

    def check(self, element: Fields) -> None:
        _check_not_default(self, element)


class GenderDelete(DeleteAction):
    """Delete a gender that isn't one of the default ones; its users have none then."""

    name = "gender.delete"
    model = Gender
    payload = Payload(Gender, required=["id"])
    permission = oml(Level.CAN_MANAGE_USERS)

    def check(self, element: Fields) -> None:
        _check_not_default(self, element)
