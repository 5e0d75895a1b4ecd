"""Lines of batches that wait for each other."""

import threading

from openslides_backend.engine.turns import Turns


def test_names_do_not_wait_for_each_other() -> None:
    turns, done = Turns(), threading.Event()

    def other() -> None:
        with turns.take("other"):
            done.set()

    with turns.take("one"):
        threading.Thread(target=other, daemon=True).start()
        assert done.wait(5)


def test_one_of_a_name_goes_on_at_a_time() -> None:
    turns, begun, inside = Turns(), threading.Event(), threading.Event()

    def same() -> None:
        begun.set()
        with turns.take("one"):
            inside.set()

    thread = threading.Thread(target=same, daemon=True)
    with turns.take("one"):
        thread.start()
        assert begun.wait(5)
        assert not inside.wait(0.1)
    assert inside.wait(5)
    thread.join(5)


def test_a_line_ends_with_the_last_one() -> None:
    turns = Turns()
    with turns.take("one"):
        assert turns.is_contested("one")
        assert not turns.is_contested("other")
    assert not turns.is_contested("one")
