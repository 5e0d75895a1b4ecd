import logging
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from openslides_backend.shared.request_id import current_request_id
from openslides_backend.shared.request_log import LoggedApplication, log_event, note


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with the status of the query and the id of the request; notes what the query says."""
    request = Request(environ)
    facts = request.args.to_dict()
    status = int(facts.pop("status", "200"))
    if status == 500:
        raise ZeroDivisionError
    note(environ, **facts)
    return Response(current_request_id(), status)(environ, start_response)


@pytest.fixture
def client(caplog: pytest.LogCaptureFixture) -> Client:
    caplog.set_level("DEBUG")
    return Client(LoggedApplication("media", application))


def line(caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    (record,) = caplog.records
    return record


def test_one_line_a_request(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.post("/internal/media/upload?status=400&reason=BadRequest&user=7", data=b"confidential")
    text = line(caplog).getMessage()
    assert text.startswith("media POST /internal/media/upload reason=BadRequest user=7 status=400 ms=")
    assert line(caplog).levelname == "INFO"
    told = vars(line(caplog))
    assert (told["component"], told["method"], told["path"]) == ("media", "POST", "/internal/media/upload")
    assert (told["reason"], told["status"]) == ("BadRequest", 400)
    assert told["ms"] >= 0


def test_what_clients_invent_is_not_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.open(f"/a b\n{'x' * 200}?reason=eyJ%20token&token=1", method="POST")
    assert line(caplog).getMessage().startswith("media POST ? reason=? token=1 status=200 ms=")
    caplog.clear()
    client.open("/", method="x" * 200)
    assert line(caplog).getMessage().startswith("media ? / status=200 ms=")


@pytest.mark.parametrize(
    ("path", "level"),
    [("/health", "DEBUG"), ("/system/auth/health/", "DEBUG"), ("/system/action/ready", "DEBUG"), ("/x", "INFO")],
)
def test_probes_are_quiet(client: Client, caplog: pytest.LogCaptureFixture, path: str, level: str) -> None:
    client.get(path)
    assert line(caplog).levelname == level


def test_probes_that_fail_are_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/health?status=503")
    assert line(caplog).levelname == "INFO"


def test_an_application_that_raises_leaves_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ZeroDivisionError):
        client.get("/?status=500")
    assert " status=500 " in line(caplog).getMessage()


def test_the_id_is_given_back(client: Client) -> None:
    answer = client.get("/", headers={"X-Request-ID": "from-a.proxy_1"})
    assert answer.headers["X-Request-ID"] == answer.text == "from-a.proxy_1"


def test_an_id_is_made(client: Client) -> None:
    answers = [client.get("/"), client.get("/", headers={"X-Request-ID": "no id"})]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    assert ids == [answer.text for answer in answers]
    assert len({*ids, "no id", ""}) == 4


def test_events_have_names(caplog: pytest.LogCaptureFixture) -> None:
    log_event(logging.getLogger("x"), "login_failed", address="10.0.0.1", tried="what a password\n")
    assert line(caplog).getMessage() == "login_failed address=10.0.0.1 tried=?"
    assert vars(line(caplog))["event"] == "login_failed"
