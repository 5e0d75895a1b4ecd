"""Batches that take long, under the real server: the test serves datastore and permissions, and holds the writes."""

import base64
import http.client
import json
import subprocess
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

HEALTH_SECONDS = 0.2
"""How long health and readiness may take, whatever the component has to do."""
PASSWORD = {"Authorization": base64.b64encode(b"openslides").decode()}
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
        self.holding = False
        self.asked = threading.Semaphore(0)
        self.application = create_datastore_application(f"sqlite:///{folder}/datastore.sqlite", True)
        self.datastore: HttpDatastore
        self.commands: list[str] = []
        self.url = ""
        self.process: subprocess.Popen[str]

    def permission(self, environ: Any, start_response: Any) -> Any:
        """Allows everything."""
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        return Response("true")(environ, start_response)

    def post(self, batch: object = BATCH) -> requests.Response:
        """Send a batch."""
        url = f"{self.url}/internal/handle_request"
        return requests.post(url, json=batch, headers=PASSWORD, timeout=PATIENCE)

    def health_seconds(self) -> float:
        """How long health and readiness take together to answer, at the most."""
        times = []
        for route in ("/system/action/health", "/system/action/ready", "/health") * 5:
            started = time.monotonic()
            assert requests.get(f"{self.url}{route}", timeout=PATIENCE).status_code == 200
            times.append(time.monotonic() - started)
        return max(times)

    @contextmanager
    def running(self, threads: int, worker_timeout: int = 30) -> Iterator[None]:
        """Everything runs, and meeting/1 is stored."""
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        with served(self.datastore_application) as datastore_port, served(self.permission) as permission_port:
            base = f"http://127.0.0.1:{datastore_port}/internal/datastore"
            self.datastore = HttpDatastore(HttpPool(), f"{base}/reader", f"{base}/writer")
            meeting = {"id": 1, "name": "m", "committee_id": 1, "is_active_in_organization_id": 1}
            organization = {"id": 1, "name": "o"}
            events = [CreateEvent("meeting/1", meeting), CreateEvent("organization/1", organization)]
            self.datastore.write([WriteRequest(events, 0)])
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
            with python("openslides_backend", variables) as self.process:
                wait_until_healthy(f"{self.url}/system/action/health")
                self.holding = True
                try:
                    yield
                finally:
                    self.allow.set()

    def datastore_application(self, environ: Any, start_response: Any) -> Any:
        """The datastore, which notes what is asked of it, and writes batches as soon as the test lets it."""
        command = environ["PATH_INFO"].rpartition("/")[2]
        self.commands.append(command)
        if command == "write" and self.holding:
            self.asked.release()
            assert self.allow.wait(PATIENCE)
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


def test_the_thread_and_the_connection_are_free_at_once(world: World) -> None:
    with world.running(threads=1), requests.Session() as session:
        response = session.post(f"{world.url}/internal/handle_request", json=BATCH, headers=PASSWORD, timeout=PATIENCE)
        assert response.status_code == 202
        assert "Connection" not in response.headers
        assert response.json()["results"][0][0]["written"] is True
        assert session.post(world.url, json=[], timeout=PATIENCE).status_code == 200
        assert world.record()["state"] == "running"
        assert not world.models("tag")
        world.allow.set()
        world.wait_for_end()
        assert [tag["name"] for tag in world.models("tag").values()] == ["x"]


def test_progress(world: World) -> None:
    """How many passwords are hashed, told while the batch runs: the last time when it is about to be written."""
    users = [{"username": f"user{number}"} for number in range(20)]
    with world.running(threads=1):
        assert world.post([{"action": "user.create", "data": users}]).status_code == 202
        wait_until(
            lambda: world.record().get("result") == {"progress": {"done": len(users), "total": len(users)}},
            "the progress of the batch",
        )
        assert world.record()["state"] == "running"
        world.allow.set()
        world.wait_for_end()
        assert world.record()["result"]["success"] is True
        assert len(world.models("user")) == len(users)


def test_more_long_batches_than_there_is_room_for(world: World) -> None:
    """Two go on by themselves, three wait in their requests, one isn't begun: it is refused, and health isn't late."""
    with world.running(threads=3), ThreadPoolExecutor(3) as executor:
        assert [world.post().status_code for _ in range(2)] == [202, 202]
        waiting = [executor.submit(world.post) for _ in range(3)]
        for _ in range(5):
            assert world.asked.acquire(timeout=PATIENCE)
        assert world.health_seconds() < HEALTH_SECONDS
        refused = world.post()
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.json()["code"] == "busy"
        assert world.health_seconds() < HEALTH_SECONDS
        world.allow.set()
        assert {answer.result().status_code for answer in waiting} <= {200, 202}
        wait_until(lambda: len(world.models("tag")) == 5, "all five are written")


def test_client_goes_away(world: World) -> None:
    with world.running(threads=2):
        connection = http.client.HTTPConnection(world.url.removeprefix("http://"), timeout=PATIENCE)
        headers = {"Content-Type": "application/json", **PASSWORD}
        connection.request("POST", "/internal/handle_request", json.dumps(BATCH), headers)
        assert world.asked.acquire(timeout=PATIENCE)
        connection.close()
        world.allow.set()
        wait_until(lambda: world.models("tag"), "the batch is written all the same")


def test_a_batch_is_finished_before_the_end(world: World) -> None:
    with world.running(threads=2):
        assert world.post().status_code == 202
        world.process.terminate()
        time.sleep(0.5)  # what is tested is that time may pass
        world.allow.set()
        assert world.process.wait(PATIENCE) == 0
        assert world.record()["state"] == "end"
        assert len(world.models("tag")) == 1


@pytest.mark.long
def test_worker_timeout_does_not_end_it(world: World) -> None:
    with world.running(threads=2, worker_timeout=2):
        assert world.post().status_code == 202
        time.sleep(6)  # what is tested is that time may pass: several times the timeout
        world.allow.set()
        world.wait_for_end()
        assert world.record()["result"]["success"] is True
        assert len(world.models("tag")) == 1
