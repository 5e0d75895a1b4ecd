"""What a browser does with uploaded files that hold scripts: nothing, even if it shows them."""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from dev.stack import Stack
from tests.system.people import Person
from tests.system.test_files import download, upload

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--dump-dom",
    "--virtual-time-budget=5000",
)
PATIENCE_SECONDS = 60
MARK = "shown to somebody"
RUN = "fetch('/ran'); document.documentElement.setAttribute('class', 'ran')"
FILES = {
    "a.html": f'<!doctype html><p>{MARK}</p><script>{RUN}</script><img src=x onerror="{RUN}">',
    "a.svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><desc>{MARK}</desc><script>{RUN}</script></svg>',
}
PASSED_ON = frozenset({"Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options"})

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium isn't installed (Debian: apt install chromium)")


class Site:
    """A site that hands on what the media service answers to somebody, but for some headers."""

    def __init__(self, stack: Stack, person: Person) -> None:
        self.requested: list[str] = []
        self.without: frozenset[str] = frozenset()
        self._stack = stack
        self._person = person

    def answer(self, path: str) -> requests.Response | None:
        """What the media service answers; nothing where it isn't asked."""
        self.requested.append(path)
        name = path.strip("/")
        return download(self._stack, int(name), self._person) if name.isdigit() else None

    @contextmanager
    def served(self) -> Iterator[str]:
        """The URL of the site."""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = site.answer(self.path)
                status, content = (404, b"") if answer is None else (answer.status_code, answer.content)
                headers = {} if answer is None else answer.headers
                self.send_response(status)
                for name in PASSED_ON - site.without:
                    if name in headers:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_arguments: object) -> None:
                """Nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack({"OPENSLIDES_BACKEND_CREATE_INITIAL_DATA": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def person(stack: Stack) -> Person:
    return Person(stack, "superadmin", "superadmin")


@pytest.fixture(scope="module")
def files(person: Person) -> dict[str, int]:
    return {name: upload(person, "organization/1", name, text.encode()) for name, text in FILES.items()}


@pytest.fixture
def site(stack: Stack, person: Person) -> Site:
    return Site(stack, person)


def shown(url: str, folder: Path) -> str:
    """The document that Chromium makes of what is at a URL; empty if it shows nothing."""
    process = subprocess.Popen(
        [CHROMIUM or "", *FLAGS, f"--user-data-dir={folder}", url],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        text=True,
        start_new_session=True,
    )
    try:
        document, _ = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return document


@pytest.mark.parametrize("name", FILES)
def test_script_runs_without_our_headers(site: Site, files: dict[str, int], name: str, tmp_path: Path) -> None:
    """Otherwise the other tests would tell nothing."""
    site.without = frozenset({"Content-Disposition", "Content-Security-Policy"})
    with site.served() as url:
        document = shown(f"{url}/{files[name]}", tmp_path)
    assert MARK in document
    assert 'class="ran"' in document
    assert "/ran" in site.requested


@pytest.mark.parametrize("name", FILES)
def test_nothing_runs_even_if_it_is_shown(site: Site, files: dict[str, int], name: str, tmp_path: Path) -> None:
    """As if the browser ignored that it is to be saved (which test_files.py looks for)."""
    site.without = frozenset({"Content-Disposition"})
    with site.served() as url:
        document = shown(f"{url}/{files[name]}", tmp_path)
    assert MARK in document
    assert 'class="ran"' not in document
    assert "/ran" not in site.requested
