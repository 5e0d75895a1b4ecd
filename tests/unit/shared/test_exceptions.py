"""Errors and their codes, as they are documented."""

import re
from pathlib import Path

import pytest

from openslides_backend.http.errors import MethodNotAllowed
from openslides_backend.shared import exceptions
from openslides_backend.shared.exceptions import BackendError, BadRequest, ErrorCode, InvalidField, ServiceError

DOCUMENTED = re.findall(
    r"^\| `(\w+)` \| (\d{3}) \|", Path("docs/errors.md").read_text(encoding="utf-8"), flags=re.MULTILINE
)


def test_all_codes_are_documented_and_no_others() -> None:
    assert [code for code, _ in DOCUMENTED] == [code.value for code in ErrorCode]


@pytest.mark.parametrize(
    "error",
    [MethodNotAllowed, *(value for value in vars(exceptions).values() if isinstance(value, type))],
)
def test_the_documented_status_is_that_of_the_class(error: type[BackendError]) -> None:
    if issubclass(error, BackendError):
        assert (error.default_code.value, str(error.status)) in DOCUMENTED


def test_what_is_not_known_is_absent() -> None:
    assert BadRequest("No.").as_json() == {"success": False, "message": "No.", "code": "bad_request"}


def test_all_that_is_known_is_told() -> None:
    error = ServiceError("No.", field="x", code=ErrorCode.CONFLICT, action_error_index=0, action_data_error_index=1)
    assert error.as_json() == {
        "success": False,
        "message": "No.",
        "code": "conflict",
        "field": "x",
        "action_error_index": 0,
        "action_data_error_index": 1,
    }


def test_the_field_to_blame_begins_the_message() -> None:
    assert InvalidField("name", "It is in use already.").as_json() == {
        "success": False,
        "message": "name: It is in use already.",
        "code": "bad_request",
        "field": "name",
    }
