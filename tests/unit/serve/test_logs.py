import json
import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from openslides_backend.serve.logs import setup_logging
from openslides_backend.shared.request_id import handling_request


@pytest.fixture(autouse=True)
def restored_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_text_lines_stay_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("action", "info", "text")
    logging.getLogger("x").info("first\nsecond %s", "\r\nthird \x1b[2J \u2028 größer")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("first\\nsecond \\r\\nthird \\x1b[2J \\u2028 größer")
    assert " INFO action[" in lines[0]


def test_level(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("action", "warning", "text")
    logging.getLogger("x").info("quiet")
    logging.getLogger("x").warning("loud")
    assert capsys.readouterr().err.count("\n") == 1


def test_libraries_do_not_tell_about_requests(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("action", "debug", "text")
    logging.getLogger("urllib3.connectionpool").debug("POST /login")
    assert capsys.readouterr().err == ""


def test_lines_tell_the_request_they_belong_to(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("auth", "info", "text")
    with handling_request("abc"):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("outside")
    inside, outside = capsys.readouterr().err.splitlines()
    assert inside.endswith("inside request=abc")
    assert outside.endswith("outside")


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("presenter", "info", "json")
    logging.getLogger("x").info("a %d", 1)
    with handling_request("abc"):
        logging.getLogger("x").info("request", extra={"status": 200, "ms": 1.5})
    try:
        int("broken")
    except ValueError:
        logging.getLogger("x").exception("failed")
    plain, request, failed = map(json.loads, capsys.readouterr().err.splitlines())
    assert plain["message"] == "a 1"
    assert (plain["level"], plain["service"], plain["logger"]) == ("INFO", "presenter", "x")
    assert plain["pid"] == os.getpid()
    assert datetime.fromisoformat(plain["time"]).utcoffset() == timedelta(0)
    assert "request_id" not in plain
    assert (request["status"], request["ms"], request["request_id"]) == (200, 1.5, "abc")
    assert "ValueError: invalid literal" in failed["trace"]
