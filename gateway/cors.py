"""Which pages of other origins may call us, and what they may see of an answer."""

from collections.abc import Sequence

Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
SENT = (
    b"Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
    b"Last-Event-ID, X-Request-Id, traceparent"
)
EXPOSED = (
    b"ETag, Location, Link, Retry-After, Tasktrail-Position, Idempotency-Replayed, "
    b"X-Request-Id, RateLimit, RateLimit-Policy, Content-Disposition"
)
MAX_AGE = b"600"


class Cors:
    """Tokens are sent as headers, never as cookies, so credentials are not allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes) -> Headers:
        """What the answer to a request from this page says."""
        headers: Headers = [] if self._any else [(b"vary", b"Origin")]
        if self._allows(origin):
            headers.append((b"access-control-allow-origin", b"*" if self._any else origin))
            headers.append((b"access-control-expose-headers", EXPOSED))
        return headers

    def preflight(self, origin: bytes) -> Headers:
        """What the page's browser is told before it sends the request."""
        headers = [(b"vary", b"Origin, Access-Control-Request-Method")]
        if self._allows(origin):
            headers += [
                (b"access-control-allow-origin", b"*" if self._any else origin),
                (b"access-control-allow-methods", METHODS),
                (b"access-control-allow-headers", SENT),
                (b"access-control-max-age", MAX_AGE),
            ]
        return headers

    def _allows(self, origin: bytes) -> bool:
        return self._any or origin in self._origins
