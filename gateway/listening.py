"""Is the port free to listen on?"""

import socket


class PortTaken(OSError):
    """Somebody else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Raises `PortTaken`. Bound before anything is opened, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named TCP, so that asyncio sets TCP_NODELAY: else each answer waits for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {place(host, port)}: {error.strerror}") from error
    listener.setblocking(False)
    return listener


def place(host: str, port: int) -> str:
    """As in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
