"""Where a request comes from, if proxies stand in between."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def client_address(remote: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The address that speaks for the client: the last one that isn't a trusted proxy's.

    `remote` is who is connected, `forwarded` the `X-Forwarded-For` header: each proxy adds whom it got the request from
    at its end, so that only what trusted proxies added is believed.
    """
    address = remote
    for hop in reversed(forwarded.split(",")):
        if not _is_trusted(address, proxies) or _parsed(hop) is None:
            break
        address = hop.strip()
    return address


def network_of(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 of IPv6 that a household gets; other texts as they are."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((parsed, 64), strict=False))
    return address


def _is_trusted(address: str, proxies: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed is not None and any(parsed in network for network in proxies)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None
