import threading
from functools import partial

from openslides_backend.services.background import BackgroundThread, Foreground


def test_jobs_are_carried_out_in_another_thread_in_their_order() -> None:
    background, done, names = BackgroundThread(), threading.Event(), []
    background.submit(lambda: names.append(threading.current_thread().name))
    background.submit(done.set)
    assert done.wait(5)
    assert names != [threading.current_thread().name]


def test_jobs_that_fail_stop_nobody() -> None:
    def fail() -> None:
        raise ValueError("fault")

    for background in (BackgroundThread(), Foreground()):
        done = threading.Event()
        background.submit(fail)
        background.submit(done.set)
        assert done.wait(5)
        assert not background.is_full()


def assert_set(event: threading.Event) -> None:
    assert event.wait(5)


def test_only_so_many_may_wait() -> None:
    background, go, done = BackgroundThread(max_waiting=2), threading.Event(), []
    background.submit(partial(assert_set, go))
    assert not background.is_full()
    last = threading.Event()
    background.submit(last.set)
    assert background.is_full()
    background.submit(lambda: done.append(1))
    go.set()
    assert last.wait(5)
    assert done == []
