"""All services and components in one process, wired as in production but for the sockets."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.test import Client

from openslides_backend.embedded.auth.application import AuthApplication
from openslides_backend.embedded.auth.sessions import SessionStore
from openslides_backend.embedded.datastore.application import DatastoreApplication
from openslides_backend.embedded.datastore.store import Store
from openslides_backend.embedded.media import MediaApplication
from openslides_backend.embedded.media_folder import FolderStore
from openslides_backend.embedded.vote.application import VoteSettings, create_vote_application
from openslides_backend.environment import DEVELOPMENT_BALLOT_KEY, Environment
from openslides_backend.serve.internal_door import open_door
from openslides_backend.services.auth import HttpAuthenticator
from openslides_backend.services.datastore import (
    Event,
    WriteRequest,
)
from openslides_backend.services.datastore_http import HttpDatastore
from openslides_backend.services.http import HttpPool
from openslides_backend.services.tokens import ACCESS_TOKEN_SECONDS, REFRESH_TOKEN_SECONDS, TokenKey, bearer
from openslides_backend.services.transport import Transport
from openslides_backend.shared.internal_access import internal_headers
from openslides_backend.shared.request_log import LoggedApplication
from openslides_backend.wsgi import (
    create_action_application,
    create_permission_application,
    create_presenter_application,
    create_services,
)
from tests.integration.wsgi_transport import WsgiTransport

VOTE_ORIGIN = "http://localhost:9013"
"""Where actions find the vote service if they are told that there is one (`VOTE_HOST` localhost)."""


@dataclass(slots=True)
class Calls:
    """HTTP requests by their kind; `paths` of all, in order."""

    reads: int = 0
    reserves: int = 0
    writes: int = 0
    others: int = 0
    paths: list[str] = field(default_factory=list)

    def count(self, path: str) -> None:
        """Add a request."""
        self.paths.append(path)
        command = path.rpartition("/")[2]
        if "/datastore/reader/" in path:
            self.reads += 1
        elif command == "reserve_ids":
            self.reserves += 1
        elif command == "write":
            self.writes += 1
        else:
            self.others += 1

    def assert_at_most(self, *, reads: int, reserves: int, writes: int) -> None:
        """Fail if there were more requests of a kind, or others."""
        within = self.reads <= reads and self.reserves <= reserves and self.writes <= writes and not self.others
        assert within, self.paths


class _ObservedTransport(WsgiTransport):
    def __init__(self, application: Any, observers: list[Calls]) -> None:
        super().__init__(application)
        self._observers = observers

    def called(self, path: str) -> None:
        for calls in self._observers:
            calls.count(path)


class Stack:
    """All applications, wired as in production but for the sockets. `folder` is where they keep their data."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        defaults = {
            "OPENSLIDES_DEVELOPMENT": "1",
            "OPENSLIDES_BACKEND_THREAD_WATCH_TIMEOUT": "-2",
            "OPENSLIDES_DATA_FOLDER": str(folder),
        }
        self.environment = environment = Environment.from_mapping({**defaults, **(variables or {})})
        self._observers: list[Calls] = []
        self._sessions = SessionStore(f"sqlite:///{folder}/auth.sqlite")
        self._session_ids: dict[int, str] = {}
        self._keys = TokenKey(environment.auth_token_key), TokenKey(environment.auth_cookie_key)
        datastore = open_door(
            environment, DatastoreApplication(Store(environment.datastore_database_url), development=True)
        )
        headers = internal_headers(environment.internal_password)
        backstage = HttpPool(headers=headers)
        for url in (environment.datastore_reader_url, environment.datastore_writer_url):
            backstage.mount(url, WsgiTransport(datastore))
        self.datastore = HttpDatastore(backstage, environment.datastore_reader_url, environment.datastore_writer_url)
        auth = open_door(
            environment, AuthApplication(*self._keys, self._sessions, self.datastore), has_public_routes=True
        )
        permission = create_permission_application(environment, self.datastore)
        self.media_files = FolderStore(folder / "files")
        media = open_door(
            environment,
            MediaApplication(self.media_files, FolderStore(folder / "resources")),
            has_public_routes=True,
        )
        vote = self._vote_application(folder, auth, datastore, headers)
        self._transports: dict[str, Transport] = {
            environment.datastore_reader_url: _ObservedTransport(datastore, self._observers),
            environment.datastore_writer_url: _ObservedTransport(datastore, self._observers),
            environment.auth_url: WsgiTransport(auth),
            environment.permission_url: WsgiTransport(permission),
            environment.media_url: WsgiTransport(media),
            VOTE_ORIGIN: WsgiTransport(vote),
        }
        self.pool = HttpPool(patience=0, transports=self._transports, headers=headers)
        self.services = create_services(environment, self.pool)
        self.auth = Client(auth, use_cookies=False)
        self.vote = Client(vote, use_cookies=False)
        self.media = Client(media, use_cookies=False)
        self.permission = Client(permission, use_cookies=False)
        self.action = Client(create_action_application(environment, self.services), use_cookies=False)
        self.presenter = Client(create_presenter_application(environment, self.services), use_cookies=False)

    def _vote_application(self, folder: Path, auth: Any, datastore: Any, headers: Mapping[str, str]) -> Any:
        """The vote service; actions use it only where `VOTE_HOST` is `localhost`."""
        environment = self.environment
        self._vote_observers: list[Calls] = []
        self._vote_transports: dict[str, Transport] = {
            environment.auth_url: _ObservedTransport(auth, self._vote_observers),
            environment.datastore_reader_url: _ObservedTransport(datastore, self._vote_observers),
        }
        self._vote_pool = pool = HttpPool(patience=0, transports=self._vote_transports, headers=headers)
        authenticator = HttpAuthenticator(pool, environment.auth_url, *self._keys)
        reader = HttpDatastore(pool, environment.datastore_reader_url, environment.datastore_writer_url)
        settings = VoteSettings(f"sqlite:///{folder}/vote.sqlite", DEVELOPMENT_BALLOT_KEY, development=True)
        application, self.polling_station = create_vote_application(settings, reader, authenticator)
        return LoggedApplication("vote", application)

    @contextmanager
    def count_vote_calls(self) -> Iterator[Calls]:
        """Count the requests of the vote service."""
        calls = Calls()
        self._vote_observers.append(calls)
        try:
            yield calls
        finally:
            self._vote_observers.remove(calls)

    @contextmanager
    def replaced_for_vote(self, url: str, transport: Transport) -> Iterator[None]:
        """Let another transport answer the vote service."""
        self._vote_pool.mount(url, transport)
        try:
            yield
        finally:
            self._vote_pool.mount(url, self._vote_transports[url])

    @contextmanager
    def count_calls(self) -> Iterator[Calls]:
        """Count the requests of action and presenter application to the datastore."""
        with self.observed_by(Calls()) as calls:
            yield calls

    @contextmanager
    def observed_by(self, calls: Calls) -> Iterator[Calls]:
        """Let an object of your own be told of the requests, each before it is handled."""
        self._observers.append(calls)
        try:
            yield calls
        finally:
            self._observers.remove(calls)

    def transport(self, url: str) -> Transport:
        """What answers for a service of the environment, for tests that listen in."""
        return self._transports[url]

    @contextmanager
    def replaced(self, url: str, transport: Transport) -> Iterator[None]:
        """Let another transport answer for a service of the environment, for tests of bad days."""
        self.pool.mount(url, transport)
        try:
            yield
        finally:
            self.pool.mount(url, self._transports[url])

    def credentials(self, user_id: int) -> dict[str, str]:
        """Headers of a logged-in user, none for anonymous."""
        if user_id == 0:
            return {}
        if user_id not in self._session_ids:
            self._session_ids[user_id] = self._sessions.create(user_id)
        session_id, (token_key, cookie_key) = self._session_ids[user_id], self._keys
        token = token_key.sign_session(user_id, session_id, ACCESS_TOKEN_SECONDS)
        cookie = cookie_key.sign_session(user_id, session_id, REFRESH_TOKEN_SECONDS)
        return {"authentication": bearer(token), "Cookie": f"refreshId={quote(bearer(cookie))}"}

    def reset(self) -> None:
        """Empty the datastore; sessions that were ended are forgotten, and so are throttles."""
        self.datastore.truncate()
        self.services.own_passwords.clear()
        self.services.reset_mails.clear()
        self.services.mail_check.clear()
        for user_id, session_id in list(self._session_ids.items()):
            if not self._sessions.is_active(user_id, session_id):
                del self._session_ids[user_id]

    def write(self, *events: Event) -> None:
        """Write events as they are."""
        self.datastore.write([WriteRequest(events, user_id=0)])


@cache
def shared_stack(*variables: tuple[str, str]) -> Stack:
    """The stack of this process with these environment variables."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder gets a name of its own; in memory no test waits for a disk
    folder = tempfile.mkdtemp(prefix="openslides-test-", dir=memory if memory.is_dir() else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Stack(Path(folder), dict(variables))
