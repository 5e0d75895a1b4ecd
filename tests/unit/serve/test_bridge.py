"""What a WSGI application sees of a request, and what the server sees of its answer."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest

from openslides_backend.serve import bridge
from openslides_backend.serve.bridge import BodyReader, PlainApplication, call_application, make_environ


def scope(**changes: Any) -> dict[str, Any]:
    """A request as ASGI describes it."""
    return {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
        "raw_path": b"/a%20b/%C3%A4",
        "query_string": b"x=%20",
        "headers": [(b"host", b"h"), (b"content-type", b"application/json"), (b"content-length", b"2")],
        "server": ("127.0.0.1", 9002),
        "client": ("127.0.0.2", 5),
        **changes,
    }


def test_environ() -> None:
    environ = make_environ(scope())
    assert environ["REQUEST_METHOD"] == "POST"
    assert environ["PATH_INFO"] == "/a b/Ã¤", "UTF-8 read as Latin-1, as PEP 3333 demands"
    assert environ["QUERY_STRING"] == "x=%20"
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("application/json", "2")
    assert environ["HTTP_HOST"] == "h"
    assert "HTTP_CONTENT_TYPE" not in environ
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "9002")
    assert environ["REMOTE_ADDR"] == "127.0.0.2"


def test_headers_that_come_twice() -> None:
    headers = [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"cookie", b"b=2")]
    environ = make_environ(scope(headers=headers))
    assert environ["HTTP_X_A"] == "1,2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_headers_do_not_move_the_application() -> None:
    environ = make_environ(scope(headers=[(b"script_name", b"/x"), (b"path-info", b"/y")]))
    assert environ["SCRIPT_NAME"] == ""
    assert environ["PATH_INFO"].startswith("/a b")


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [(b"http://h/health?", "/health"), (b"*", "*"), (b"http://h", ""), (b"http://[h/health", "http://[h/health")],
)
def test_other_forms_of_targets(raw_path: bytes, path: str) -> None:
    assert make_environ(scope(raw_path=raw_path))["PATH_INFO"] == path


class Closing:
    """An iterable answer that is to be closed."""

    closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield b"b"
        yield b"c"

    def close(self) -> None:
        self.closed = True


def test_answer() -> None:
    closing = Closing()

    def application(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("418 I'm a teapot", [("X-A", "1"), ("X-A", "ä")])
        write(b"a")
        return closing

    answer = call_application(PlainApplication(application), {})
    assert (answer.status, answer.body) == (418, b"abc")
    assert answer.headers == ((b"X-A", b"1"), (b"X-A", b"\xe4"))
    assert closing.closed


def test_a_chunk_that_comes_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "BODY_SECONDS", 0.01)

    async def receive() -> dict[str, Any]:
        with suppress(asyncio.CancelledError):  # as asyncio.wait_for does it, if what it waits for is there meanwhile
            await asyncio.sleep(60)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def nothing_more() -> int:
        return 0

    with pytest.raises(TimeoutError):
        asyncio.run(BodyReader(10, nothing_more).read(receive, BytesIO()))


def test_health_of_any_application_is_quick() -> None:
    application = PlainApplication(lambda _environ, _start: [])
    assert application.is_quick("/internal/auth/health")
    assert not application.is_quick("/internal/auth/authenticate")
