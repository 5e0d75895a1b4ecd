"""What processes do before they serve."""

import gc
from collections.abc import Iterator

import pytest

from openslides_backend.serve.loading import NEW_OBJECTS, prepare_collector


@pytest.fixture(autouse=True)
def _the_collector_is_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_the_collector_leaves_alone_what_is_loaded_and_runs_seldom() -> None:
    others = gc.get_threshold()[1:]
    prepare_collector()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == (NEW_OBJECTS, *others)
