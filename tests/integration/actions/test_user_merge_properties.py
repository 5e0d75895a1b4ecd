"""Whoever is merged into whom: the data stay consistent, and nothing that counts is lost or doubled (user_merge.md)."""

import copy
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from openslides_backend.models.migration import MIGRATION_INDEX
from openslides_backend.services.datastore import CreateEvent
from openslides_backend.shared.typing import Models
from openslides_backend.transfer.checker import MIGRATION_KEY, check_data
from tests.conftest import new_database
from tests.integration.actions.merging_world import Facts, World
from tests.integration.base import IntegrationTest
from tests.integration.two_meetings import two_meetings


class MergingTest(IntegrationTest):
    """Base: random accounts in two meetings with models of all collections."""

    _template = two_meetings()

    def store(self, random: Random) -> World:
        """A new world in an empty datastore."""
        self.stack.reset()
        world = World(random)
        self.stack.write(*(CreateEvent(fqid, model) for fqid, model in copy.deepcopy(self._template).items()))
        self.stack.write(*world.events())
        return world

    def everything(self) -> dict[str, Models]:
        return self.stack.datastore.get_everything()

    def check_consistent(self, data: dict[str, Models]) -> None:
        """Fail if the checker finds anything."""
        shaped = {name: {str(id_): model for id_, model in models.items()} for name, models in data.items()}
        check_data({MIGRATION_KEY: MIGRATION_INDEX, **shaped})

    def merge_some(self, random: Random) -> None:
        """Merge the selected accounts of a new world, and see what has become of everything."""
        world = self.store(random)
        before = self.everything()
        self.check_consistent(before)
        primary, *others = world.selected
        answer = self.request("user.merge_together", {"id": primary, "user_ids": others})
        after = self.everything()
        event(f"status {answer.status}")
        if answer.status != 200:
            answer.assert_status(400)
            assert after == before
            return
        self.check_consistent(after)
        assert not set(others) & set(after["user"])
        assert not set(others) & {member["user_id"] for member in after["meeting_user"].values()}
        merged = dict.fromkeys(others, primary)
        expected, found = Facts(before, merged), Facts(after, merged)
        counted = found.counted()
        counted["history"] = counted["history"] & expected.counted()["history"]
        assert counted == expected.counted()
        assert found.united() == {name: Counter(set(rows)) for name, rows in expected.united().items()}
        assert found.received() == expected.received()


class TestProperties(MergingTest):
    """On the database that all tests use."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.randoms())
    def test_some_worlds(self, random: Random) -> None:
        self.merge_some(random)

    @pytest.mark.long
    @settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms())
    def test_many_worlds(self, random: Random) -> None:
        self.merge_some(random)


@pytest.mark.postgres
class TestOnPostgres(MergingTest):
    """The same with the other kind of database."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def database(cls) -> Iterator[None]:
        """A database of its own, which the stack of this class uses."""
        with new_database() as url:
            cls.variables = {"DATASTORE_DATABASE_URL": url}
            yield

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.randoms())
    def test_some_worlds(self, random: Random) -> None:
        self.merge_some(random)
