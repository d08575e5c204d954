"""How an answer says what is left of a caller's share.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy` has the quota
and its window, `RateLimit` what remains and the seconds until the quota is whole again.
"""

import math
from typing import Protocol

PERIOD = 60.0
_NAME = b'"default"'


class Decision(Protocol):
    @property
    def allowed(self) -> bool: ...
    @property
    def limit(self) -> int: ...
    @property
    def period(self) -> float: ...
    @property
    def remaining(self) -> int: ...
    @property
    def reset(self) -> float: ...
    @property
    def retry_after(self) -> float: ...


class Limiter(Protocol):
    async def allow(self, key: str, limit: int, period: float, cost: int = 1) -> Decision: ...


def limit_headers(decision: Decision) -> list[tuple[bytes, bytes]]:
    return [
        (b"ratelimit-policy", b"%s;q=%d;w=%d" % (_NAME, decision.limit, decision.period)),
        (
            b"ratelimit",
            b"%s;r=%d;t=%d" % (_NAME, decision.remaining, math.ceil(decision.reset)),
        ),
    ]
