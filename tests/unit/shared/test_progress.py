"""How far a batch is."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from openslides_backend.shared import progress


def test_nobody_follows() -> None:
    progress.tell(1, 2)
    assert list(progress.counted("abc", 3)) == ["a", "b", "c"]


def test_nothing_is_told() -> None:
    with progress.followed() as followed:
        assert followed.told is None


def test_the_last_that_was_told() -> None:
    with progress.followed() as followed:
        progress.tell(1, 5)
        assert followed.told == (1, 5)
        progress.tell(0, 3)
        assert followed.told == (0, 3)
    progress.tell(2, 3)
    assert followed.told == (0, 3)


def test_counted() -> None:
    with progress.followed() as followed:
        assert [followed.told for _ in progress.counted("abc", 3)] == [(0, 3), (1, 3), (2, 3)]
        assert followed.told == (3, 3)


def test_told_in_another_thread() -> None:
    with progress.followed() as followed, ThreadPoolExecutor(1) as executor:
        executor.submit(copy_context().run, progress.tell, 4, 5).result()
        executor.submit(progress.tell, 5, 5).result()
    assert followed.told == (4, 5)


def test_batches_in_batches_are_followed_by_themselves() -> None:
    with progress.followed() as outer:
        progress.tell(1, 2)
        with progress.followed() as inner:
            progress.tell(7, 9)
        assert (outer.told, inner.told) == ((1, 2), (7, 9))
