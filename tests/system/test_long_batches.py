"""Batches that take long, under the real server: the test serves datastore and permissions, and holds the latter."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from dev.stack import free_ports
from openslides_backend.embedded.datastore.application import create_datastore_application
from openslides_backend.services.datastore import CreateEvent, GetAll, WriteRequest
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.shared.typing import Fields
from tests.system.processes import PATIENCE, python, wait_until, wait_until_healthy

BATCH = [{"action": "tag.create", "data": [{"name": "x", "meeting_id": 1}]}]


@contextmanager
def served(application: Any) -> Iterator[int]:
    """The port of a server in a thread."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


class World:
    """An action component (a real process) and the services that it asks."""

    def __init__(self, folder: Path) -> None:
        self.allow = threading.Event()
        self.asked = threading.Semaphore(0)
        self.application = create_datastore_application(f"sqlite:///{folder}/datastore.sqlite", True)
        self.datastore: HttpDatastore
        self.commands: list[str] = []
        self.url = ""

    def permission(self, environ: Any, start_response: Any) -> Any:
        """Allows everything as soon as the test lets it."""
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.asked.release()
        assert self.allow.wait(PATIENCE)
        return Response("true")(environ, start_response)

    @contextmanager
    def running(self, threads: int, worker_timeout: int = 30) -> Iterator[None]:
        """Everything runs, and meeting/1 is stored."""
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        with served(self.datastore_application) as datastore_port, served(self.permission) as permission_port:
            base = f"http://127.0.0.1:{datastore_port}/internal/datastore"
            self.datastore = HttpDatastore(HttpPool(), f"{base}/reader", f"{base}/writer")
            meeting = {"id": 1, "name": "m", "committee_id": 1, "is_active_in_organization_id": 1}
            self.datastore.write([WriteRequest([CreateEvent("meeting/1", meeting)], 0)])
            variables = {
                "OPENSLIDES_BACKEND_COMPONENT": "action",
                "OPENSLIDES_DEVELOPMENT": "1",
                "OPENSLIDES_BACKEND_RELOAD": "0",
                "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "0",
                "OPENSLIDES_BACKEND_NUM_THREADS": str(threads),
                "OPENSLIDES_BACKEND_WORKER_TIMEOUT": str(worker_timeout),
                "ACTION_PORT": str(port),
                "DATASTORE_READER_PORT": str(datastore_port),
                "DATASTORE_WRITER_PORT": str(datastore_port),
                "PERMISSION_PORT": str(permission_port),
            }
            with python("openslides_backend", variables):
                wait_until_healthy(f"{self.url}/system/action/health")
                try:
                    yield
                finally:
                    self.allow.set()

    def datastore_application(self, environ: Any, start_response: Any) -> Any:
        """The datastore, which notes what is asked of it."""
        self.commands.append(environ["PATH_INFO"].rpartition("/")[2])
        return self.application(environ, start_response)

    def models(self, collection: str) -> dict[int, Fields]:
        """All models of a collection."""
        models: dict[int, Fields]
        (models,) = self.datastore.read([GetAll(collection)])
        return models

    def record(self) -> Fields:
        """The only `action_worker`."""
        (record,) = self.models("action_worker").values()
        return record

    def wait_for_end(self) -> None:
        """Wait until the record tells the end of the batch."""
        wait_until(lambda: self.record()["state"] == "end", "the end of the batch")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_answer_is_complete_and_the_connection_closed(world: World) -> None:
    with world.running(threads=2), requests.Session() as session:
        response = session.post(world.url, json=BATCH, timeout=PATIENCE)
        assert response.status_code == 202
        assert response.headers["Connection"] == "close"
        assert response.json()["results"][0][0]["written"] is True
        # The same session can go on at once, over another connection and with the other thread.
        assert session.get(f"{world.url}/system/action/health", timeout=PATIENCE).status_code == 200
        assert world.record()["state"] == "running"
        assert not world.models("tag")
        world.allow.set()
        world.wait_for_end()
        assert [tag["name"] for tag in world.models("tag").values()] == ["x"]


def test_thread_stays_busy(world: World) -> None:
    with world.running(threads=1):
        assert requests.post(world.url, json=BATCH, timeout=PATIENCE).status_code == 202
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{world.url}/system/action/health", timeout=0.5)
        world.allow.set()
        world.wait_for_end()
        assert requests.get(f"{world.url}/system/action/health", timeout=PATIENCE).status_code == 200


def test_client_goes_away(world: World) -> None:
    with world.running(threads=2):
        connection = http.client.HTTPConnection(world.url.removeprefix("http://"), timeout=PATIENCE)
        connection.request("POST", "/", json.dumps(BATCH), {"Content-Type": "application/json"})
        assert world.asked.acquire(timeout=PATIENCE)
        connection.close()
        world.allow.set()
        wait_until(lambda: world.models("tag"), "the batch is written all the same")


def test_the_services_work_at_the_same_time(world: World) -> None:
    with world.running(threads=2):
        before = len(world.commands)
        with ThreadPoolExecutor(1) as executor:
            answer = executor.submit(requests.post, world.url, json=BATCH, timeout=PATIENCE)
            assert world.asked.acquire(timeout=PATIENCE)
            # The permission is still being judged: data are read and ids are reserved meanwhile, nothing is written.
            wait_until(lambda: world.commands.count("reserve_ids") == 2, "an id for the tag and one for the record")
            assert {"batch", "get_many"} & set(world.commands[before:])
            assert "write" not in world.commands[before:]
            assert answer.result().status_code == 202
        world.allow.set()
        world.wait_for_end()
        assert world.commands.count("reserve_ids") == 2
        assert len(world.models("tag")) == 1


@pytest.mark.long
def test_worker_timeout_does_not_end_it(world: World) -> None:
    with world.running(threads=2, worker_timeout=2):
        assert requests.post(world.url, json=BATCH, timeout=PATIENCE).status_code == 202
        time.sleep(6)  # what is tested is that time may pass: several times the timeout
        world.allow.set()
        world.wait_for_end()
        assert world.record()["result"]["success"] is True
        assert len(world.models("tag")) == 1
