import json
import logging
from collections.abc import Iterator

import pytest

from openslides_backend.serve.logs import setup_logging


@pytest.fixture(autouse=True)
def restored_root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_text_lines_stay_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("action", "info", "text")
    logging.getLogger("x").info("first\nsecond %s", "\r\nthird")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("first\\nsecond \\r\\nthird")
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


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("presenter", "info", "json")
    logging.getLogger("x").info("a %d", 1)
    logging.getLogger("x").info("request", extra={"facts": {"status": 200, "ms": 1.5}})
    try:
        int("broken")
    except ValueError:
        logging.getLogger("x").exception("failed")
    plain, request, failed = map(json.loads, capsys.readouterr().err.splitlines())
    assert plain["message"] == "a 1"
    assert (plain["level"], plain["service"], plain["logger"]) == ("info", "presenter", "x")
    assert (request["status"], request["ms"]) == (200, 1.5)
    assert "ValueError: invalid literal" in failed["trace"]
