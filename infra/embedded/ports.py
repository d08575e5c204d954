"""Which loopback port can a server have for as long as it lives, restarts included?"""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
LOWEST, HIGHEST = 10_000, 65_000


def free_port() -> int:
    """A free port outside the range the kernel gives to outgoing connections.

    Inside it, a client that keeps dialling a server which is down may be given the very port it
    dials, connect to itself, and keep the server from coming back.
    """
    first, last = _outgoing_range()
    candidates = [p for p in range(LOWEST, HIGHEST) if not first <= p <= last]
    for port in random.sample(candidates, min(200, len(candidates))):
        if _is_free(LOOPBACK, port):
            return port
    return _any_port()


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _outgoing_range() -> tuple[int, int]:
    try:
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    except OSError:
        return 32_768, HIGHEST
    return int(first), int(last)
