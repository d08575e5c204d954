"""Which pages of other origins may call us, and what they may see of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

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

# Whose pages may call an older system while nothing is set, as it was there.
USUAL: Mapping[str, Sequence[str]] = {
    "taskflow": ("*",),
    "taskhub": ("http://localhost:5173",),
    "phase3": ("*",),
}
# What its pages may read of an answer beside what all may.
SHOWN: Mapping[str, bytes] = {"phase3": b"Authorization, "}


class Preflight(NamedTuple):
    status: int
    headers: Headers
    content: bytes = b""


class Cors:
    """Tokens are sent as headers, never as cookies, so credentials are not allowed."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes, sent: Iterable[tuple[bytes, bytes]]) -> Headers:
        """What the answer to a request from this page says; `sent` is the request's headers."""
        headers: Headers = [] if self._any else [(b"vary", b"Origin")]
        if self._allows(origin):
            headers.append((b"access-control-allow-origin", b"*" if self._any else origin))
            headers.append((b"access-control-expose-headers", EXPOSED))
        return headers

    def preflight(self, origin: bytes, sent: Iterable[tuple[bytes, bytes]]) -> Preflight:
        """What the page's browser is told before it sends the request."""
        headers = [(b"vary", b"Origin, Access-Control-Request-Method")]
        if self._allows(origin):
            headers += [
                (b"access-control-allow-origin", b"*" if self._any else origin),
                (b"access-control-allow-methods", METHODS),
                (b"access-control-allow-headers", SENT),
                (b"access-control-max-age", MAX_AGE),
            ]
        return Preflight(204, headers)

    def _allows(self, origin: bytes) -> bool:
        return self._any or origin in self._origins


class OlderCors(Cors):
    """As the older systems' frontends know it: with credentials, any header, and a refusal."""

    def __init__(self, system: str, origins: Sequence[str]) -> None:
        super().__init__(origins or USUAL.get(system, ()))
        self._exposed = SHOWN.get(system, b"") + EXPOSED

    def headers(self, origin: bytes, sent: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Browsers take no `*` for a request with cookies, so that one reads its own origin."""
        headers = [(b"access-control-allow-credentials", b"true")]
        headers.append((b"access-control-expose-headers", self._exposed))
        if self._any and not any(name == b"cookie" for name, _ in sent):
            headers.append((b"access-control-allow-origin", b"*"))
        else:
            headers.append((b"vary", b"Origin"))
            if self._allows(origin):
                headers.append((b"access-control-allow-origin", origin))
        return headers

    def preflight(self, origin: bytes, sent: Iterable[tuple[bytes, bytes]]) -> Preflight:
        headers = [
            (b"vary", b"Origin"),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"access-control-allow-methods", METHODS),
            (b"access-control-max-age", MAX_AGE),
            (b"access-control-allow-credentials", b"true"),
        ]
        headers += [
            (b"access-control-allow-headers", value)
            for name, value in sent
            if name == b"access-control-request-headers"
        ]
        if not self._allows(origin):
            return Preflight(400, headers, b"Disallowed CORS origin")
        return Preflight(200, [*headers, (b"access-control-allow-origin", origin)], b"OK")
