"""Whose address a request is from, without a server."""

from ipaddress import ip_network

import pytest

from gateway.clients import Clients, share_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", b"192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", b"198.51.100.1, 192.0.2.7", "192.0.2.7"),  # the left part is hearsay
        ("10.0.0.1", b"192.0.2.7, 10.0.0.9", "192.0.2.7"),
        ("10.0.0.1", b"10.0.0.8, 10.0.0.9", "10.0.0.8"),
        ("10.0.0.1", b"192.0.2.7:4711", "192.0.2.7"),
        ("10.0.0.1", b"[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.1", b"nonsense", "10.0.0.1"),
        ("10.0.0.1", b"192.0.2.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("fd00::1", b"2001:db8::7", "2001:db8::7"),
        ("203.0.113.5", b"192.0.2.7", "203.0.113.5"),  # no proxy of ours
    ],
)
def test_only_our_own_proxies_are_believed(
    peer: str, forwarded: bytes | None, address: str
) -> None:
    assert Clients(PROXIES).address(peer, forwarded) == address


def test_nobody_is_believed_without_proxies() -> None:
    assert Clients(()).address("10.0.0.1", b"192.0.2.7") == "10.0.0.1"


def test_one_customer_has_one_share_of_requests() -> None:
    assert share_of("2001:db8::1") == share_of("2001:db8::ffff") != share_of("2001:db8:0:1::1")
    assert share_of("192.0.2.7") == "192.0.2.7"
    assert share_of("testclient") == "testclient"
