"""Threads that Python did not start, as those of a server written in another language."""

import ctypes
from collections.abc import Callable, Sequence

_Main = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
_LIBC = ctypes.CDLL(None)


def run_in_foreign_threads(works: Sequence[Callable[[], object]]) -> None:
    """Do each work in a thread of its own, all at the same time, and wait until the threads have ended.

    Python makes a state for such a thread when it first enters, and takes it down when it leaves.
    """
    mains = [_Main(lambda _argument, work=work: work() and None) for work in works]
    threads = [ctypes.c_ulong() for _ in works]
    for thread, main in zip(threads, mains, strict=True):
        if _LIBC.pthread_create(ctypes.byref(thread), None, main, None):
            raise OSError("no thread can be started")
    for thread in threads:
        _LIBC.pthread_join(thread, None)
