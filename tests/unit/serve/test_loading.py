"""What processes do before they serve."""

import gc
import sys
from collections.abc import Iterator

import pytest

from openslides_backend.serve.loading import NEW_OBJECTS, SURVIVORS, SWITCH_INTERVAL, prepare_to_serve


@pytest.fixture(autouse=True)
def _all_is_as_before() -> Iterator[None]:
    collector, interval = gc.get_threshold(), sys.getswitchinterval()
    yield
    gc.set_threshold(*collector)
    gc.unfreeze()
    sys.setswitchinterval(interval)


def test_the_collector_leaves_alone_what_is_loaded_and_runs_seldom() -> None:
    prepare_to_serve()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == (NEW_OBJECTS, *SURVIVORS)


def test_threads_that_compute_give_way_soon() -> None:
    prepare_to_serve()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL)
