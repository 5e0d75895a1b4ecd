from ipaddress import ip_network

import pytest

from openslides_backend.shared.client_address import client_address, network_of

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1", "fd00::/8")))


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.1, 10.1.1.1", "203.0.113.1"),
        ("::ffff:127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "1.1.1.1, nonsense", "127.0.0.1"),
        ("192.168.0.1", "203.0.113.1", "192.168.0.1"),
        ("198.51.100.1", "203.0.113.1, 10.1.1.1", "198.51.100.1"),
        ("", "203.0.113.1", ""),
    ],
)
def test_only_trusted_proxies_are_believed(remote: str, forwarded: str, expected: str) -> None:
    assert client_address(remote, forwarded, PROXIES) == expected


def test_nobody_is_trusted_unless_configured() -> None:
    assert client_address("127.0.0.1", "203.0.113.1", ()) == "127.0.0.1"


def test_a_household_is_one_place() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:203.0.113.1") == "203.0.113.1"
    assert network_of("203.0.113.1") == "203.0.113.1"
    assert network_of("") == ""
