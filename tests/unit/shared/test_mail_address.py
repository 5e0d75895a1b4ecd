import pytest

from openslides_backend.shared.mail_address import is_valid_address, is_valid_sender


@pytest.mark.parametrize(
    "address",
    ["jane@example.com", "J.a_n+e-9@Exam-ple.9.Com", "ÄÖÜäöü@äöü.ÄÖ", ".@..de", "+@-.de"],
)
def test_valid(address: str) -> None:
    assert is_valid_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jane",
        "@example.com",
        "jane@.com",
        "jane@example",
        "jane@example.c",
        "jane@example.c0m",
        "jane@example.com.",
        "jane@jane@example.com",
        " jane@example.com",
        "jane@example.com\n",
        "jane doe@example.com",
        "jané@example.com",
        "ß@example.com",
        "jane@example.com\u017f\u212a",
    ],
)
def test_invalid(address: str) -> None:
    assert not is_valid_address(address)


@pytest.mark.parametrize(
    ("name", "valid"), [("", True), ("The board", True), ("[A", False), ("A]", False), ("\\", False)]
)
def test_valid_sender(name: str, valid: bool) -> None:
    assert is_valid_sender(name) is valid
