"""Does this process live, can it serve, and how are the parts that it depends on?"""

import asyncio
import time
from typing import Any

from litestar import Response, get
from litestar.datastructures import State

from events.refusals import Unavailable

PROBE_SECONDS = 1.5
GIVEN_UP_SECONDS = 10.0

_STANDING = """
    SELECT projection, position, updated_at,
        (SELECT count(*) FROM dead_letters d WHERE d.projection = c.projection AND d.copy = c.copy)
    FROM checkpoints c WHERE serves ORDER BY projection
"""
_MAILS = """
    SELECT count(*) FILTER (WHERE parked_at IS NULL),
        count(*) FILTER (WHERE parked_at IS NOT NULL),
        count(*) FILTER (WHERE parked_at IS NULL AND owed_at < now() - interval '5 minutes') > 0
    FROM mails
"""
_HEAD = "SELECT coalesce(max(notification_id), 0) FROM events"


class Probe:
    """Asks Postgres, one question at a time: who comes while one is open waits for that one."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._asking: asyncio.Task[dict[str, Any]] | None = None
        self._since = 0.0

    async def standing(self) -> dict[str, Any] | None:
        """The head and the projections' standing; None if Postgres does not answer in time."""
        asking = self._asking
        if asking is None or asking.done() or time.monotonic() - self._since > GIVEN_UP_SECONDS:
            asking = self._asking = asyncio.create_task(self._ask(), name="probe")
            asking.add_done_callback(_heard)
            self._since = time.monotonic()
        await asyncio.wait([asking], timeout=PROBE_SECONDS)
        if not asking.done() or asking.cancelled() or asking.exception() is not None:
            return None
        return asking.result()

    async def _ask(self) -> dict[str, Any]:
        async with self._state.log.pool.connection() as connection:
            head = await connection.fetchval(_HEAD)
            rows = await connection.fetch(_STANDING)
            waiting, refused, late = await connection.fetchrow(_MAILS)
        projections = {
            name: {"position": position, "lag": max(0, head - position), "dead_letters": parked}
            for name, position, _, parked in rows
        }
        mails = {"waiting": waiting, "dead_letters": refused, "late": late}
        return {"head": head, "projections": projections, "mails": mails}

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])


def _heard(asking: asyncio.Task[dict[str, Any]]) -> None:
    """It may fail after everyone has stopped waiting for it."""
    if not asking.cancelled():
        asking.exception()


@get("/live", include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    """The process answers. Whether it can serve is another question."""
    return {"status": "ok"}


@get("/ready", include_in_schema=False)
async def ready(state: State) -> dict[str, str]:
    """503 while requests would fail."""
    if not state.appender.open:
        raise Unavailable("the process is stopping", code="not-ready")
    if await state.probe.standing() is None:
        raise Unavailable("Postgres does not answer", code="not-ready")
    return {"status": "ok"}


@get("/health", include_in_schema=False)
async def health(state: State) -> Response[dict[str, Any]]:
    """`down` when requests fail, `degraded` when they are served without something."""
    standing = await state.probe.standing()
    limiter = state.get("limiter")
    nats = state.log.nats.connected
    valkey = limiter is not None and not limiter.away
    parked = _parked(standing) if standing else 0
    mail = _mail(state, standing)
    well = nats and valkey and not parked and mail != "late"
    status = "down" if standing is None else "ok" if well else "degraded"
    content: dict[str, Any] = {
        "status": status,
        "parts": {
            "postgres": "away" if standing is None else "ok",
            "nats": "ok" if nats else "away",
            "valkey": "ok" if valkey else "away",
            "appender": "ok" if state.appender.open else "stopping",
            "mail": mail,
        },
        **(standing or {}),
        "dead_letters": parked,
    }
    return Response(content, status_code=503 if standing is None else 200, headers=_retry(status))


def _mail(state: State, standing: dict[str, Any] | None) -> str:
    """`off` without a server to send by; `late` while it takes nothing for minutes."""
    if state.settings.smtp_host is None:
        return "off"
    return "late" if standing and standing["mails"]["late"] else "ok"


def _parked(standing: dict[str, Any]) -> int:
    """What waits for somebody to look at it."""
    counted = [*standing["projections"].values(), standing["mails"]]
    return sum(each["dead_letters"] for each in counted)


def _retry(status: str) -> dict[str, str]:
    return {"Retry-After": "1"} if status == "down" else {}


HEALTH_ROUTES: list[Any] = [live, ready, health]
