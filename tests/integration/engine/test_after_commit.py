"""What follows a commit."""

from typing import ClassVar

import pytest

from openslides_backend.engine.generics import CreateAction
from openslides_backend.engine.payload import Payload
from openslides_backend.engine.run import Results
from openslides_backend.shared.exceptions import BadRequest
from openslides_backend.shared.typing import Fields
from tests.integration.base import IntegrationTest
from tests.integration.engine.fruit import FARMER, Apple, FruitAction, fruit_handler


class Sell(FruitAction, CreateAction):
    """Creates an apple; what follows fails, and what follows then is remembered."""

    name = "apple.sell"
    model = Apple
    payload = Payload(Apple, optional=["name"])
    error: ClassVar[Exception]
    sold: ClassVar[list[str]] = []

    def work(self, elements: list[Fields]) -> Results:
        self.run.after_commit += [self._fail, lambda: self.sold.append("apple")]
        return super().work(elements)

    def _fail(self) -> None:
        raise self.error


class TestAfterCommit(IntegrationTest):
    @pytest.mark.parametrize("error", [BadRequest("secret"), ValueError("secret")])
    def test_a_step_that_fails_does_not_fail_the_batch(
        self, error: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        Sell.error = error
        Sell.sold.clear()
        batch = [{"action": "apple.sell", "data": [{"name": "x"}]}]
        response = fruit_handler(self.stack.services).handle(batch, FARMER)
        results = response.results[0]
        assert isinstance(results, list)
        assert self.get_model(f"apple/{(results[0] or {})['id']}")["name"] == "x"
        assert Sell.sold == ["apple"]
        assert "step after the commit" in caplog.text
        assert type(error).__name__ in caplog.text
        assert "secret" not in caplog.text
