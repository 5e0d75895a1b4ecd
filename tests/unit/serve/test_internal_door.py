"""Who is let through to an internal service."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import Client

from openslides_backend.environment import ConfigurationError, Environment
from openslides_backend.serve.internal_door import InternalDoor, check_password_is_there, open_door
from openslides_backend.shared.internal_access import HEADER, internal_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PASSWORD = "secret of the house"
RIGHT = internal_headers(PASSWORD)
NO_LOOPBACK = "10.1.2.3"


def service(_environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"done"]


def status(path: str = "/internal/do", method: str = "POST", *, public: bool = False, **more: Any) -> int:
    door = InternalDoor(service, ("datastore", "My-Service"), PASSWORD, has_public_routes=public)
    more.setdefault("headers", RIGHT)
    return Client(door).open(path, method=method, **more).status_code


def environment(tmp_path: Path, variables: Mapping[str, str], *, password: bool = True) -> Environment:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    named = {"INTERNAL_AUTH_PASSWORD_FILE": str(file)} if password else {}
    return Environment.from_mapping({**named, **variables}, secrets=False)


def test_who_knows_the_password_is_let_through() -> None:
    assert {HEADER: base64.b64encode(PASSWORD.encode()).decode()} == RIGHT
    assert status(json={}) == 200
    assert status() == 200


@pytest.mark.parametrize("value", [None, "", "wrong", PASSWORD, RIGHT[HEADER] + "=", RIGHT[HEADER][:-1], "ä\udcff"])
def test_who_does_not_know_it_is_refused(value: str | None) -> None:
    headers = {} if value is None else {HEADER: value.encode("utf-8", "surrogateescape").decode("latin-1")}
    assert status(json={}, headers=headers) == 401


@pytest.mark.parametrize(
    "host",
    ["datastore", "datastore:9010", "my-service", "MY-SERVICE:1", "127.0.0.1:9010", "10.2.3.4", "[::1]:9010", "[::1]"],
)
def test_known_hosts(host: str) -> None:
    assert status(headers={**RIGHT, "Host": host}) == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:9010", "datastore.evil.example", "127.0.0.1.evil.example", "[evil]", "[", ""]
)
def test_unknown_hosts(host: str) -> None:
    assert status(headers={**RIGHT, "Host": host}) == 403


def test_web_pages_are_refused() -> None:
    assert status(json={}, headers={**RIGHT, "Origin": "http://localhost:9010"}) == 403
    assert status(headers={**RIGHT, "Origin": "null"}) == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"])
def test_bodies_that_are_no_json_are_refused(content_type: str) -> None:
    assert status(data=b"{}", content_type=content_type) == 400


def test_a_charset_is_fine() -> None:
    assert status(data=b"{}", content_type="Application/JSON; charset=utf-8") == 200


def test_a_body_of_unannounced_length_is_a_body() -> None:
    headers = {**RIGHT, "Transfer-Encoding": "chunked"}
    assert status(headers=headers, content_type="text/plain") == 400


def test_health_is_for_everybody() -> None:
    nobody = {"Host": "evil.example"}
    assert status("/internal/x/health", "GET", headers=nobody) == 200
    assert status("/internal/x/health/", "HEAD", headers=nobody) == 200
    assert status("/internal/x/health", "POST", headers=nobody) == 403


def test_public_routes_are_for_everybody_where_there_are_some() -> None:
    nobody = {"Host": "example.com", "Origin": "https://example.com"}
    assert status("/system/auth/login", headers=nobody, public=True) == 200
    assert status("/system/auth/login", headers=nobody) == 403
    for path in ("/internal/do", "/systematic", "/", "//system/x"):
        assert status(path, headers={}, public=True) == 401


class TestOfAnEnvironment:
    def test_names_of_services_are_known(self, tmp_path: Path) -> None:
        variables = {"DATASTORE_WRITER_HOST": "store", "OPENSLIDES_INTERNAL_HOSTS": "store.internal, other"}
        door = open_door(environment(tmp_path, variables), service)
        for host, expected in {"store": 200, "store.internal": 200, "other:1": 200, "localhost": 200, "x": 403}.items():
            assert Client(door).post("/x", headers={**RIGHT, "Host": host}).status_code == expected

    def test_development_asks_for_the_known_password_where_there_are_public_routes(self, tmp_path: Path) -> None:
        known = environment(tmp_path, {"OPENSLIDES_DEVELOPMENT": "1"})
        assert Client(open_door(known, service)).post("/x").status_code == 200
        door = open_door(known, service, has_public_routes=True)
        refused = Client(door).post("/x")
        assert (refused.status_code, (refused.json or {})["code"]) == (401, "unauthorized")
        assert Client(door).post("/x", headers=internal_headers("openslides")).status_code == 200

    def test_production_asks_everywhere(self, tmp_path: Path) -> None:
        door = open_door(environment(tmp_path, {}), service)
        assert Client(door).post("/x").status_code == 401
        assert Client(door).post("/x", headers=RIGHT).status_code == 200

    def test_a_password_is_needed_but_on_loopback(self, tmp_path: Path) -> None:
        alone = environment(tmp_path, {}, password=False)
        assert Client(open_door(alone, service)).post("/x").status_code == 200
        with pytest.raises(ConfigurationError, match="INTERNAL_AUTH_PASSWORD_FILE"):
            open_door(alone, service, has_public_routes=True)
        everywhere = environment(tmp_path, {"OPENSLIDES_EMBEDDED_HOST": NO_LOOPBACK}, password=False)
        with pytest.raises(ConfigurationError, match="INTERNAL_AUTH_PASSWORD_FILE"):
            check_password_is_there(everywhere, has_public_routes=False)
