"""What must hold of a request as such, whatever it asks?"""

import re

from gateway.exchange import Exchange
from gateway.http import Rejected

# Routes read one of them, and would do what the other one forbids.
ONCE = {
    b"content-type": "Content-Type",
    b"if-match": "If-Match",
    b"idempotency-key": "Idempotency-Key",
}
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def check(exchange: Exchange) -> None:
    """Raises `Rejected`."""
    _check_host(exchange)
    scope = exchange.scope
    if b"%00" in scope["query_string"] or "\x00" in scope["path"]:
        raise Rejected(400, "bad-text", "the URL may not have NUL characters")
    _check_encoding(exchange)
    if exchange.twice and exchange.manners is None:
        _check_repeated(exchange)


def _check_host(exchange: Exchange) -> None:
    host = exchange.given.get(b"host")
    if host is None or b"host" in exchange.twice or not _HOST.fullmatch(host):
        raise Rejected(400, "bad-host", "send one Host header with a host name", field="Host")


def _check_encoding(exchange: Exchange) -> None:
    """Bodies are read as they come: what is packed would be taken for what it is not."""
    given = exchange.given
    if given.get(b"transfer-encoding", b"chunked").strip().lower() != b"chunked":
        raise Rejected(
            400,
            "malformed",
            "no Transfer-Encoding is taken but chunked",
            field="Transfer-Encoding",
            headers={"Connection": "close"},
        )
    encoding = given.get(b"content-encoding")
    if encoding is None or encoding.strip().lower() in (b"", b"identity"):
        return
    if given.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in given:
        raise Rejected(
            415,
            "unsupported-encoding",
            "send the body as it is, without Content-Encoding",
            field="Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )


def _check_repeated(exchange: Exchange) -> None:
    for name, shown in ONCE.items():
        if name in exchange.twice:
            raise Rejected(400, "repeated-header", f"{shown} is there more than once", field=shown)
