"""How much may one caller ask, of what, and what becomes of a request beyond it?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from litestar.utils.path import normalize_path

from gateway.clients import share_of
from gateway.http import Rejected
from gateway.limits import PERIOD, Limiter, limit_headers

HOUR = 3600.0
# What watches over us is asked often and must answer when nothing else does.
UNLIMITED = frozenset({"/live", "/ready", "/health", "/v1/health", "/metrics"})
OURS = "more than {limit} requests a {unit}; wait {wait} s"
OLDER = "Rate limit exceeded: {limit} per 1 {unit}"
Whose = Literal["caller", "address", "account"]
UNREAD = 422  # what was refused before it was taken for what it asks


@dataclass(frozen=True)
class Share:
    """`limit` in each `period`, 0 for no end of it; of everything, or of one `method` and `path`
    as the router takes it. `of` is who has it: whoever is signed in or else the address, the
    address always, or only who is signed in. `name` keeps it apart from other shares."""

    name: str
    limit: int
    period: float = PERIOD
    method: str | None = None
    path: re.Pattern[str] | None = None
    of: Whose = "caller"
    words: str = OURS

    def covers(self, method: str | None, path: str) -> bool:
        """A WebSocket has no method."""
        if not self.limit or (self.method is not None and method != self.method):
            return False
        return self.path is None or self.path.fullmatch(path) is not None

    def key(self, account: UUID | None, address: str) -> str | None:
        """None for who is not signed in, where only that counts."""
        if self.of == "account" and account is None:
            return None
        who = share_of(address) if self.of == "address" or account is None else str(account)
        return f"{self.name}:{who}" if self.name else who

    def refusal(self, retry_after: float) -> Rejected:
        wait = max(1, round(retry_after + 0.5))
        unit = "hour" if self.period == HOUR else "minute"
        detail = self.words.format(limit=self.limit, unit=unit, wait=wait)
        return Rejected(429, "rate-limited", detail, headers={"Retry-After": str(wait)})


class Taken:
    """What one request took of which shares, and what its answer says of that."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._keys: list[tuple[Share, str]] = []
        self.headers: list[tuple[bytes, bytes]] = []

    async def take(self, shares: Sequence[Share], scope: Any, account: UUID | None) -> None:
        """Raises `Rejected`."""
        path, method = normalize_path(scope["path"]), scope.get("method")
        if path in UNLIMITED:
            return
        address = (scope["client"] or ("local", 0))[0]
        for share in shares:
            key = share.key(account, address) if share.covers(method, path) else None
            if key is None:
                continue
            decision = await self._limiter.allow(key, share.limit, share.period)
            self.headers = limit_headers(decision)
            if not decision.allowed:
                raise share.refusal(decision.retry_after)
            self._keys.append((share, key))

    async def answered(self, status: int) -> None:
        """A body that made no sense counts as a request, but not as what it asked for."""
        if status == UNREAD:
            for share, key in self._keys:
                if share.path is not None:
                    await self._limiter.allow(key, share.limit, share.period, -1)
