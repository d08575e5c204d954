"""Does this process live, can it serve, and how are the parts that it depends on?"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from litestar import Response, get
from litestar.datastructures import State

from events.refusals import Unavailable

T = TypeVar("T")

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


class Question(Generic[T]):
    """Asked once at a time: who comes while it is open waits for that answer."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._ask = ask
        self._asking: asyncio.Task[T] | None = None
        self._since = 0.0

    async def answer(self) -> T | None:
        """None if there is none in time."""
        asking = self._asking
        if asking is None or asking.done() or time.monotonic() - self._since > GIVEN_UP_SECONDS:
            asking = self._asking = asyncio.create_task(self._ask(), name="probe")
            asking.add_done_callback(_heard)
            self._since = time.monotonic()
        await asyncio.wait([asking], timeout=PROBE_SECONDS)
        if not asking.done() or asking.cancelled() or asking.exception() is not None:
            return None
        return asking.result()

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])


class Probe:
    """Asks Postgres, NATS, and the store for files, how they are."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._postgres = Question(self._ask_postgres)
        self._stream = Question(self._ask_stream)
        self._files = Question(self._ask_store)

    async def standing(self) -> dict[str, Any] | None:
        """The head and the projections' standing; None if Postgres does not answer in time."""
        return await self._postgres.answer()

    async def standing_with_relay(self) -> dict[str, Any] | None:
        """That, and the relay's, unless NATS does not answer in time. The relay runs elsewhere:
        the stream that it fills tells how far it is."""
        standing: dict[str, Any] | None
        standing, position = await asyncio.gather(self.standing(), self._stream.answer())
        if standing is None or position is None:
            return standing
        relay = {"position": position, "lag": max(0, standing["head"] - position)}
        return {**standing, "relay": relay}

    async def files(self) -> str:
        return await self._files.answer() or "away"

    async def close(self) -> None:
        await self._postgres.close()
        await self._stream.close()
        await self._files.close()

    async def _ask_store(self) -> str:
        standing: str = await self._state.objects.standing()
        return standing

    async def _ask_stream(self) -> int:
        """0 before a relay has made it."""
        position: int | None = await self._state.event_stream.last_position()
        return position or 0

    async def _ask_postgres(self) -> dict[str, Any]:
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


def _heard(asking: asyncio.Task[Any]) -> None:
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


@get(["/health", "/v1/health"], include_in_schema=False)
async def health(state: State) -> Response[dict[str, Any]]:
    """`down` when requests fail, `degraded` when they are served without something."""
    standing, files = await asyncio.gather(state.probe.standing_with_relay(), state.probe.files())
    limiter = state.get("limiter")
    nats = state.log.nats.connected
    valkey = limiter is not None and not limiter.away
    parked = _parked(standing) if standing else 0
    mail = _mail(state, standing)
    well = nats and valkey and not parked and mail != "late" and files in ("ok", "off")
    status = "down" if standing is None else "ok" if well else "degraded"
    content: dict[str, Any] = {
        "status": status,
        "parts": {
            "postgres": "away" if standing is None else "ok",
            "nats": "ok" if nats else "away",
            "valkey": "ok" if valkey else "away",
            "appender": "ok" if state.appender.open else "stopping",
            "mail": mail,
            "s3": files,
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
