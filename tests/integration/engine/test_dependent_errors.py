"""Which element is blamed when a dependent action fails."""

import pytest

from openslides_backend.engine.action import Action
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.shared.exceptions import ModelDoesNotExist
from openslides_backend.shared.typing import Fields
from tests.integration.base import IntegrationTest
from tests.integration.engine.fruit import FARMER, Basket, FruitAction, fruit_handler


class Fill(FruitAction, Action):
    """Puts two apples with labels into each basket; no element is named for them."""

    name = "basket.fill"
    model = Basket
    payload = Payload(Basket, required=["id"])

    def work(self, elements: list[Fields]) -> Results:
        self.run.execute("apple.create", self.apples(elements))
        return []

    @staticmethod
    def apples(elements: list[Fields]) -> list[Fields]:
        return [{"label_id": 10 * element["id"] + n} for element in elements for n in (1, 2)]


class FillNamed(Fill):
    """The same, telling for which element each apple is."""

    name = "basket.fill_named"

    def work(self, elements: list[Fields]) -> Results:
        owners = [index for index, _ in enumerate(elements) for _ in (1, 2)]
        self.run.execute("apple.create", self.apples(elements), owners)
        return []


class FillTold(Fill):
    """The same, telling which key of the elements the labels come from."""

    name = "basket.fill_told"

    def work(self, elements: list[Fields]) -> Results:
        self.execute("apple.create", self.apples(elements), names={"label_id": "id"})
        return []


class TestDependentErrors(IntegrationTest):
    @pytest.mark.parametrize(("name", "index"), [("basket.fill", None), ("basket.fill_named", 1)])
    def test_own_elements_are_blamed_or_none(self, name: str, index: int | None) -> None:
        self.set_models({"basket/1": {}, "basket/2": {}, "label/11": {}, "label/12": {}, "label/21": {}})
        handler = fruit_handler(self.stack.services)
        with pytest.raises(ModelDoesNotExist, match="label/22") as caught:
            handler.handle([{"action": name, "data": [{"id": 1}, {"id": 2}]}], FARMER)
        assert caught.value.action_error_index == 0
        assert caught.value.action_data_error_index == index

    @pytest.mark.parametrize(
        ("name", "field"), [("apple.create", "label_id"), ("basket.fill", None), ("basket.fill_told", "id")]
    )
    def test_own_keys_are_blamed_or_none(self, name: str, field: str | None) -> None:
        self.set_models({"basket/1": {}})
        element = {"label_id": 11} if name == "apple.create" else {"id": 1}
        with pytest.raises(ModelDoesNotExist, match="label/11") as caught:
            fruit_handler(self.stack.services).handle([{"action": name, "data": [element]}], FARMER)
        assert caught.value.field == field
