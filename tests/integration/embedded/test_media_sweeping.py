"""Contents that no file has are removed, and no others."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from openslides_backend.embedded.media_folder import FolderStore
from openslides_backend.embedded.media_sweeping import GRACE_SECONDS, INTERVAL_SECONDS, sweep, sweep_for_ever
from openslides_backend.embedded.servers.media import create
from openslides_backend.services.datastore import DatastoreReader, Query
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.exceptions import ServiceError
from tests.integration.base import IntegrationTest

PATIENCE_SECONDS = 30.0


class Faltering:
    """A datastore that can't be reached the first time."""

    def __init__(self, datastore: DatastoreReader) -> None:
        self.asked = 0
        self._datastore = datastore

    def read(self, queries: Sequence[Query]) -> list[Any]:
        self.asked += 1
        if self.asked == 1:
            raise ServiceError("away")
        return self._datastore.read(queries)


class StoredContents(IntegrationTest):
    """Base: contents of which only that of mediafile/5 has a file."""

    @pytest.fixture(autouse=True)
    def store_contents(self, tmp_path: Path) -> None:
        self.store = FolderStore(tmp_path)
        for id_ in (5, 6, 7):
            self.store.put(id_, "text/plain", [b"x"])
        self.set_models({f"mediafile/{id_}": {"owner_id": "organization/1"} for id_ in (5, 6)})
        self.delete_models("mediafile/6")
        self.later = time.time() + GRACE_SECONDS + 60

    def left(self) -> list[int]:
        return sorted(self.store.touched())


class TestSweeping(StoredContents):
    """A day later."""

    def test_only_what_no_file_has(self) -> None:
        assert sweep(self.store, self.stack.datastore, self.later) == 2
        assert self.left() == [5]

    def test_not_before_a_day_is_over(self) -> None:
        assert sweep(self.store, self.stack.datastore, time.time() + GRACE_SECONDS - 60) == 0
        assert self.left() == [5, 6, 7]

    def test_not_for_an_empty_datastore(self) -> None:
        self.stack.datastore.truncate()
        assert sweep(self.store, self.stack.datastore, self.later) == 0
        assert self.left() == [5, 6, 7]

    def test_not_without_a_datastore(self) -> None:
        nowhere = "http://127.0.0.1:1"
        datastore = HttpDatastore(HttpPool(patience=0), nowhere, nowhere)
        with pytest.raises(ServiceError):
            sweep(self.store, datastore, self.later)
        assert self.left() == [5, 6, 7]

    def test_not_what_was_touched_meanwhile(self) -> None:
        touched = self.store.touched()[7]
        time.sleep(0.01)
        self.store.put(7, "text/plain", [b"new"])
        assert not self.store.remove(7, touched)
        touched = self.store.touched()[7]
        time.sleep(0.01)
        self.store.duplicate(7, 8)
        assert not self.store.remove(7, touched)
        assert self.left() == [5, 6, 7, 8]

    def test_what_uploads_left_behind_is_removed(self, tmp_path: Path) -> None:
        left = tmp_path / ".9.0123456789abcdef"
        left.write_bytes(b"x")
        sweep(self.store, self.stack.datastore, time.time() + GRACE_SECONDS - 60)
        assert left.exists()
        self.stack.datastore.truncate()
        sweep(self.store, self.stack.datastore, self.later)
        assert not left.exists()
        assert self.left() == [5, 6, 7]


class TestTimer(StoredContents):
    """Again and again, in a thread of its own."""

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def sweeping(self, datastore: DatastoreReader, ended: threading.Event) -> threading.Thread:
        options = {"interval": 0.01, "clock": lambda: time.time() + GRACE_SECONDS + 60}
        thread = threading.Thread(target=sweep_for_ever, args=(self.store, datastore, ended), kwargs=options)
        thread.start()
        return thread

    def test_again_and_again(self, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        # What is still being stored would be taken for a leftover here, where it is always a day later.
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        FolderStore(elsewhere).put(9, "text/plain", [b"x"])
        ended = threading.Event()
        thread = self.sweeping(self.stack.datastore, ended)
        try:
            self.wait_until(lambda: self.left() == [5])
            (elsewhere / "9").rename(tmp_path / "9")
            self.wait_until(lambda: self.left() == [5])
        finally:
            ended.set()
            thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()

    def test_a_failure_is_not_the_end(self, caplog: pytest.LogCaptureFixture) -> None:
        ended, datastore = threading.Event(), Faltering(self.stack.datastore)
        thread = self.sweeping(datastore, ended)
        try:
            self.wait_until(lambda: self.left() == [5])
        finally:
            ended.set()
            thread.join(PATIENCE_SECONDS)
        assert datastore.asked > 1
        assert "were not looked for" in caplog.text

    def test_never_without_time(self) -> None:
        ended = threading.Event()
        ended.set()
        sweep_for_ever(self.store, self.stack.datastore, ended, interval=INTERVAL_SECONDS)
        assert self.left() == [5, 6, 7]

    def test_the_service_starts_it(self) -> None:
        before = set(threading.enumerate())
        create(self.stack.environment)
        (thread,) = set(threading.enumerate()) - before
        assert (thread.name, thread.daemon) == ("sweeping", True)
