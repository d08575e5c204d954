"""Who is at the other end of a connection, behind how many proxies of ours?"""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Clients:
    """Believes `X-Forwarded-For` from the right, for as long as the hops are ours."""

    def __init__(self, proxies: Sequence[Network]) -> None:
        self._proxies = tuple(proxies)

    def address(self, peer: str, forwarded: bytes | None) -> str:
        if forwarded is None or not self._proxies or not self._ours(peer):
            return peer
        address = peer
        for hop in reversed(forwarded.decode("latin-1").split(",")):
            known = _plain(hop.strip())
            if known is None:
                break
            address = known
            if not self._ours(known):
                break
        return address

    def _ours(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)


def share_of(address: str) -> str:
    """Whose share of requests an address uses: a whole /64 has one, as one customer gets it."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address


def _plain(hop: str) -> str | None:
    """The address without a port; None for what is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(hop))
    except ValueError:
        return None
