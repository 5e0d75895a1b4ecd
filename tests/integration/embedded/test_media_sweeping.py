"""Contents that no file has are removed, and no others."""

import time
from pathlib import Path

import pytest

from openslides_backend.embedded.media import MediaStore
from openslides_backend.embedded.media_sweeping import GRACE_SECONDS, sweep
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.exceptions import ServiceError
from tests.integration.base import IntegrationTest


class TestSweeping(IntegrationTest):
    """A day later."""

    @pytest.fixture(autouse=True)
    def store_contents(self, tmp_path: Path) -> None:
        self.store = MediaStore(tmp_path)
        for id_ in (5, 6, 7):
            self.store.put(id_, "text/plain", [b"x"])
        self.set_models({f"mediafile/{id_}": {"owner_id": "organization/1"} for id_ in (5, 6)})
        self.delete_models("mediafile/6")
        self.later = time.time() + GRACE_SECONDS + 60

    def left(self) -> list[int]:
        return sorted(self.store.touched())

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
