"""Threads that do for an event loop what may take time.

`concurrent.futures` does it, too, for twice the processor time: two objects with locks for each call, and a callback
from one to the other. A small request notices that.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

QUEUE_SECONDS = 5.0
"""How long a call waits for a thread before it is given up."""

T = TypeVar("T")


class Busy(Exception):
    """All threads are taken, and none got free in time."""


class Threads:
    """Up to `number` threads, for one event loop; they end with the process, whatever they are doing then."""

    def __init__(self, number: int, patience: float = QUEUE_SECONDS) -> None:
        self._number = number
        self._patience = patience
        self._free = asyncio.Semaphore(number)
        self._calls: SimpleQueue[tuple[Callable[[], Any], asyncio.Future[Any]]] = SimpleQueue()
        self._started = False

    async def run(self, call: Callable[[], T]) -> T:
        """What a call gives back.

        It is carried out even if nobody waits for it any more, once it has begun. Raises Busy, and what the call
        raises.
        """
        await self._get_thread()
        loop = asyncio.get_running_loop()
        if not self._started:
            # Not before: threads don't survive the fork of the server's workers.
            self._started = True
            for _ in range(self._number):
                Thread(target=self._work, args=(loop,), name="request", daemon=True).start()
        future: asyncio.Future[T] = loop.create_future()
        self._calls.put((call, future))
        return await future

    async def _get_thread(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            call, future = self._calls.get()
            result: Any = None
            failure: BaseException | None = None
            try:
                result = call()
            except BaseException as error:  # it's up to who waits for it
                failure = error
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(self._tell, future, result, failure)
            del call, future, result, failure

    def _tell(self, future: "asyncio.Future[Any]", result: Any, failure: BaseException | None) -> None:
        self._free.release()
        if future.cancelled():
            return
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
