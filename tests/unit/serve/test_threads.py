"""Threads for an event loop."""

import asyncio
import threading
from functools import partial

import pytest

from openslides_backend.serve.threads import Busy, Threads

WAIT = 10


def test_results_and_errors() -> None:
    async def check() -> None:
        threads = Threads(2)
        assert await threads.run(lambda: threading.current_thread().name) == "request"
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)
        calls = [threads.run(partial(abs, -number)) for number in range(50)]
        assert await asyncio.gather(*calls) == list(range(50))

    asyncio.run(check())


def test_nobody_waits_for_ever() -> None:
    async def check() -> None:
        threads, end = Threads(1, patience=0.05), threading.Event()
        running = asyncio.ensure_future(threads.run(lambda: end.wait(WAIT)))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await threads.run(int)
        end.set()
        assert await running
        assert await threads.run(int) == 0

    asyncio.run(check())


def test_a_call_goes_on_without_whom_it_was_for() -> None:
    async def check() -> None:
        threads, begun, end, done = Threads(1, patience=0.05), *(threading.Event() for _ in range(3))

        def call() -> None:
            begun.set()
            end.wait(WAIT)
            done.set()

        running = asyncio.ensure_future(threads.run(call))
        await asyncio.to_thread(begun.wait, WAIT)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(Busy):  # its thread isn't free yet
            await threads.run(int)
        end.set()
        assert await asyncio.to_thread(done.wait, WAIT)
        assert await threads.run(int) == 0

    asyncio.run(check())
