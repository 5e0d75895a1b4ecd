"""That a replica is going to end: told by the master process to all that it has forked."""

import mmap


class Draining:
    """A flag that processes share with those that they fork afterwards."""

    def __init__(self) -> None:
        self._byte = mmap.mmap(-1, 1)

    def begin(self) -> None:
        """From now on whoever asks is told so."""
        self._byte[0] = 1

    def has_begun(self) -> bool:
        """Whether the end has been announced."""
        return self._byte[0] == 1
