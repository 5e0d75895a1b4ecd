"""Routing, errors and the log of an application with small views of its own."""

import json
import logging
from io import BytesIO
from typing import Any

import pytest
import werkzeug
from werkzeug.test import Client, TestResponse, create_environ

from openslides_backend.http.application import Application, Routes
from openslides_backend.http.request import Request, json_response
from openslides_backend.shared.exceptions import BackendError, BadRequest, InternalError, PermissionDenied
from openslides_backend.shared.request_id import current_request_id


def echo(request: Request) -> werkzeug.Response:
    request.notes.user_id = 5
    request.notes.names = ["topic.create", "secret payload"]
    return json_response({"body": request.json_body()})


def refused(request: Request) -> werkzeug.Response:
    request.fresh_token = "bearer fresh"
    raise PermissionDenied("no", action_error_index=0, action_data_error_index=3)


def broken(_request: Request) -> werkzeug.Response:
    try:
        return json_response(json.loads('{"' + "sec" + 'ret": }'))
    except json.JSONDecodeError as error:
        raise ValueError(str(error.doc)) from error


def unable(_request: Request) -> werkzeug.Response:
    raise InternalError("There is no password file.")


ROUTES: Routes = {
    "": {"GET": echo, "POST": echo},
    "/post": {"POST": echo},
    "/health": {"GET": lambda _request: json_response({"request": current_request_id()})},
    "/get": {"GET": lambda _request: json_response({"status": "running"})},
    "/refused": {"POST": refused},
    "/broken": {"POST": broken},
    "/unable": {"POST": unable},
}


def body_of(response: TestResponse) -> Any:
    assert response.mimetype == "application/json"
    return json.loads(response.data)


@pytest.fixture
def client() -> Client:
    return Client(Application("test", ROUTES, anonymous_body=1000))


@pytest.mark.parametrize("path", ["", "/", "/post", "/post/"])
def test_body(client: Client, path: str) -> None:
    response = client.post(path, json=[1])
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    assert body_of(response) == {"body": [1]}


def test_get_with_body(client: Client) -> None:
    assert body_of(client.get("/", json=[1])) == {"body": [1]}


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;"])
def test_content_type(client: Client, content_type: str) -> None:
    assert client.post("/", data=b"[]", content_type=content_type).status_code == 200


@pytest.mark.parametrize(
    "content_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jso"]
)
def test_wrong_content_type(client: Client, content_type: str | None) -> None:
    response = client.post("/", data=b"[]", content_type=content_type)
    assert response.status_code == 400
    assert body_of(response)["success"] is False
    assert "Content-Type" in body_of(response)["message"]


@pytest.mark.parametrize("body", [b"", b"[", b"\xff", b"[NaN]", b"[" * 200 + b"]" * 200])
def test_malformed(client: Client, body: bytes) -> None:
    response = client.post("/", data=body, content_type="application/json")
    assert response.status_code == 400
    assert body_of(response).keys() == {"success", "message", "code"}


@pytest.mark.parametrize("path", ["/unknown", "/post/x", "/post//", "/GET", "/internal/migrations"])
def test_not_found(client: Client, path: str) -> None:
    response = client.open(path, method="POST", json=[])
    assert response.status_code == 404
    assert response.mimetype == "application/json"
    assert body_of(response)["success"] is False


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/post", "POST"),
        ("HEAD", "/post/", "POST"),
        ("POST", "/get", "GET, HEAD"),
        ("OPTIONS", "/get/", "GET, HEAD"),
        ("DELETE", "/", "GET, HEAD, POST"),
        ("BREW", "/", "GET, HEAD, POST"),
    ],
)
def test_method_not_allowed(client: Client, method: str, path: str, allowed: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == allowed
    assert response.mimetype == "application/json"
    if method != "HEAD":
        assert body_of(response)["success"] is False


def test_head(client: Client) -> None:
    response = client.head("/get/")
    assert response.status_code == 200
    assert response.data == b""
    assert int(response.headers["Content-Length"]) == len(client.get("/get").data)


def test_too_large(client: Client) -> None:
    response = client.post("/", data=b"[" + b" " * 1000 + b"]", content_type="application/json")
    assert response.status_code == 413
    assert body_of(response)["success"] is False


def test_limit_fits(client: Client) -> None:
    assert client.post("/", data=b"[" + b" " * 998 + b"]", content_type="application/json").status_code == 200


class Chunks:
    """A body that comes bit by bit; `failure` is raised at its end."""

    def __init__(self, number: int, failure: OSError | None = None) -> None:
        self.left = number
        self.failure = failure

    def read(self, _size: int = -1) -> bytes:
        if self.left == 0 and self.failure is not None:
            raise self.failure
        self.left = max(self.left - 1, -1)
        return b" " * 100 if self.left >= 0 else b""


def post_chunks(client: Client, chunks: Chunks, **environ: object) -> TestResponse:
    overrides = {"wsgi.input": chunks, "CONTENT_TYPE": "application/json", **environ}
    return client.post("/", environ_overrides=overrides)


def test_chunked_and_too_large(client: Client) -> None:
    chunks = Chunks(30)
    assert (
        post_chunks(client, chunks, HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input_terminated": True}).status_code
        == 413
    )
    assert chunks.left >= 18, "no more is read than is needed to judge"


def test_too_large_is_not_read(client: Client) -> None:
    chunks = Chunks(30)
    assert post_chunks(client, chunks, CONTENT_LENGTH="5000").status_code == 413
    assert chunks.left == 30


def limit_of(request: Request) -> int:
    """Large bodies only with a header."""
    if request.headers.get("X-Who") is None:
        raise PermissionDenied("Who are you?")
    return int(request.headers["X-Who"])


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("who", "status"), [(None, 403), ("0", 413), ("2999", 413), ("3000", 200)])
def test_who_sends_a_large_body(announced: bool, who: str | None, status: int) -> None:
    client = Client(Application("test", ROUTES, anonymous_body=1000, body_limit=limit_of))
    length: dict[str, object] = {"CONTENT_LENGTH": "3000"} if announced else {"wsgi.input_terminated": True}
    length |= {"HTTP_X_WHO": who} if who else {}
    overrides = {"CONTENT_TYPE": "application/json", "wsgi.input": BytesIO(b"[" + b" " * 2998 + b"]"), **length}
    assert client.post("/", environ_overrides=overrides).status_code == status


def test_no_body_is_read_if_the_limit_can_not_be_told() -> None:
    def fail(_request: Request) -> int:
        raise ZeroDivisionError

    application = Application("test", ROUTES, anonymous_body=1000, body_limit=fail)
    assert application.body_limit(create_environ("/")) == 0
    assert Client(application).post("/", json="x" * 1000).status_code == 500


def test_body_limit_for_the_server() -> None:
    application = Application("test", ROUTES, anonymous_body=1000, body_limit=limit_of)
    assert application.body_limit(create_environ("/")) == 0
    assert application.body_limit(create_environ("/", headers={"X-Who": "5"})) == 5


def test_quick_routes() -> None:
    application = Application("test", ROUTES, quick=["/get"])
    assert [path for path in ("/", "/get", "/get/", "/getter") if application.is_quick(path)] == ["/get", "/get/"]


@pytest.mark.parametrize("failure", [None, TimeoutError(), ConnectionResetError()])
def test_incomplete_body(client: Client, failure: OSError | None) -> None:
    response = post_chunks(client, Chunks(2, failure), CONTENT_LENGTH="500")
    assert response.status_code == 400
    assert body_of(response)["message"] == f"The body {'could not be read' if failure else 'is incomplete'}."


def test_error_names_indices_and_fresh_token_is_handed_back(client: Client) -> None:
    response = client.post("/refused", json=[])
    assert response.status_code == 403
    assert body_of(response) == {
        "success": False,
        "message": "no",
        "code": "permission_denied",
        "action_error_index": 0,
        "action_data_error_index": 3,
    }
    assert response.headers["authentication"] == "bearer fresh"


def test_fault(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.post("/broken", json=[])
    assert response.status_code == 500
    assert body_of(response).keys() == {"success", "message", "code"}
    assert "secret" not in response.text
    assert "secret" not in caplog.text
    assert "ValueError" in caplog.text
    assert "JSONDecodeError" in caplog.text
    assert "in broken" in caplog.text
    assert client.post("/", json=[]).status_code == 200


def test_named_internal_error(client: Client) -> None:
    response = client.post("/unable", json=[])
    assert response.status_code == 500
    assert body_of(response)["message"] == "There is no password file."


def test_raise_4xx() -> None:
    client = Client(Application("test", ROUTES, raise_4xx=True))
    for path, status in (("/refused", 403), ("/unknown", 404), ("/get", 405)):
        with pytest.raises(BackendError) as info:
            client.post(path, json=[])
        assert info.value.status == status
    with pytest.raises(BadRequest):
        client.post("/", data=b"[", content_type="application/json")
    assert client.post("/broken", json=[]).status_code == 500
    assert client.post("/unable", json=[]).status_code == 500


def test_log_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client.post("/", json=["private"])
    (record,) = caplog.records
    line = record.getMessage()
    assert "test user=5 topic.create,? status=200 ms=" in line
    assert "secret" not in line
    assert "private" not in line


def test_json_is_what_comes_out(client: Client) -> None:
    response = client.post("/", data='["ä\\ud800"]'.encode(), content_type="application/json")
    assert json.loads(response.data) == {"body": ["ä\ud800"]}


def test_the_request_has_an_id(client: Client) -> None:
    answer = client.get("/health", headers={"X-Request-ID": "of-a-proxy"})
    assert body_of(answer) == {"request": "of-a-proxy"}
    assert answer.headers["X-Request-ID"] == "of-a-proxy"
    made = client.get("/health", headers={"X-Request-ID": "x" * 65})
    assert body_of(made) == {"request": made.headers["X-Request-ID"]} != {"request": "x" * 65}


def test_probes_are_quiet(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.get("/health")
    client.get("/get")
    assert [line.levelname for line in caplog.records] == ["DEBUG", "INFO"]


def test_the_log_tells_the_class_of_a_refusal(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client.post("/refused")
    client.get("/get")
    refusal, good = caplog.records
    assert refusal.getMessage().endswith(" reason=PermissionDenied")
    assert vars(refusal)["reason"] == "PermissionDenied"
    assert "reason" not in good.getMessage()
