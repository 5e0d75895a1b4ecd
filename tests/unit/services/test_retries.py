import threading
import time

from openslides_backend.services.retries import Retries


def test_until_it_succeeds() -> None:
    done, tries = threading.Event(), []

    def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")
        done.set()

    Retries(work, ValueError, first_pause=0.001).begin()
    assert done.wait(10)
    time.sleep(0.02)
    assert len(tries) == 3


def test_what_is_asked_for_meanwhile_is_done_afterwards() -> None:
    begun, go, second = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        if begun.is_set():
            second.set()
        begun.set()
        assert go.wait(10)

    retries = Retries(work, ValueError, first_pause=0.001)
    retries.begin()
    assert begun.wait(10)
    retries.begin()
    go.set()
    assert second.wait(10)
