"""The analytics over HTTP."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from events.envelope import Caller
from events.zones import known_zone
from gateway.http import HttpRequest
from queries import analytics, charts
from queries.analytics import (
    Completed,
    CycleTimes,
    OpenWork,
    Overview,
    Performance,
    TrendDay,
)
from queries.facts import Facts, Places, places_of
from queries.routes.drawn import SVG, prefers_image
from queries.routes.tasks import MinPosition, account_of
from queries.services import Queries
from queries.windows import Grain, Window, read_optional, read_window

T = TypeVar("T")
_SAFE = "default-src 'none'; style-src 'unsafe-inline'"
MONTH, QUARTER = 30, 7 * 12

From = Annotated[
    str | None,
    QueryParameter(name="from", description="The first day, such as 2026-11-01.", max_length=10),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", description="The last day; today, if not said.", max_length=10),
]
Zone = Annotated[
    str | None,
    QueryParameter(
        description="In which time zone days begin, such as Europe/Rome. If not said, that of "
        "your profile, else of the only workspace asked about, else of your personal one.",
        max_length=64,
    ),
]


class Spanned(msgspec.Struct, Generic[T], frozen=True):
    """What was asked about, and what is to be said of it, oldest first."""

    window: Window
    items: list[T]


class Members(msgspec.Struct, frozen=True):
    items: list[Performance]


class SpannedCycleTimes(msgspec.Struct, frozen=True, kw_only=True):
    window: Window
    times: CycleTimes


class Throughput(msgspec.Struct, frozen=True, kw_only=True):
    """`open` is as of now, whatever the window."""

    window: Window
    items: list[Completed]
    open: OpenWork


@dataclass(frozen=True)
class Asked:
    """The facts, and the window as it was sent."""

    facts: Facts
    zone: str
    now: datetime
    position: int
    begin: str | None
    end: str | None

    def window(self, days: int) -> Window:
        return read_window(self.begin, self.end, self.zone, self.now, days=days)

    @property
    def headers(self) -> dict[str, str]:
        return {"Tasktrail-Position": str(self.position)}


async def shown(
    request: HttpRequest, asked: Asked, found: T, draw: Callable[[], str]
) -> Response[T]:
    """As JSON, or drawn for whoever would rather have an image."""
    headers = {**asked.headers, "Vary": "Accept"}
    if not prefers_image(request.headers.get("accept", "")):
        return Response(found, headers=headers)
    image: Any = await asyncio.to_thread(draw)
    return Response(image, media_type=SVG, headers={**headers, "Content-Security-Policy": _SAFE})


async def provide_asked(
    caller: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    workspace: FromQuery[list[UUID] | None] = None,
    begin: From = None,
    end: To = None,
    zone: Zone = None,
    min_position: MinPosition = None,
) -> Asked:
    account = account_of(caller)
    if zone is not None:
        known_zone(zone, "zone")
    models = ("tasks", "workspaces", "accounts")
    position = await queries.freshness.demand(account, min_position, *models)
    places: Places = await places_of(queries.database, account=account, workspaces=workspace or ())
    now = queries.now()
    facts = Facts(queries.database, places, now)
    zone = zone or places.profile_zone or places.zone
    return Asked(facts, zone, now, position, begin, end)


@get("/analytics/overview", operation_id="getOverview")
async def overview(request: HttpRequest, asked: NamedDependency[Asked]) -> Response[Overview]:
    """How many tasks there are, by status, priority, tag and assignee. A window narrows it to
    those created then. What is overdue counts as that, not as to do or in progress."""
    begin, end = read_optional(asked.begin, asked.end, asked.zone, asked.now)
    cube, tags = await asyncio.gather(asked.facts.cube(begin, end), asked.facts.tags(begin, end))
    names = await asked.facts.names(cube)
    found = await asyncio.to_thread(analytics.overview, cube, tags, names)
    return await shown(request, asked, found, lambda: charts.overview_chart(found))


@get("/analytics/performance", operation_id="getPerformance")
async def performance(request: HttpRequest, asked: NamedDependency[Asked]) -> Response[Members]:
    """What each member was assigned and completed, and how long it took. A window narrows it to
    tasks created then."""
    begin, end = read_optional(asked.begin, asked.end, asked.zone, asked.now)
    cube, times, members = await asyncio.gather(
        asked.facts.cube(begin, end),
        asked.facts.times_of_created(begin, end),
        asked.facts.members(),
    )
    found = await asyncio.to_thread(analytics.performance, members, cube, times)
    return await shown(request, asked, Members(found), lambda: charts.performance_chart(found))


@get("/analytics/trends", operation_id="getTrends")
async def trends(
    request: HttpRequest, asked: NamedDependency[Asked]
) -> Response[Spanned[TrendDay]]:
    """What was created and what was completed on each day: of the last 30, unless said
    otherwise."""
    window = asked.window(MONTH)
    made = await asked.facts.created(window, "day")
    done = await asked.facts.completed(window, "day")
    items = await asyncio.to_thread(analytics.trends, window, made, done)
    found = Spanned(window, items)
    return await shown(request, asked, found, lambda: charts.trends_chart(items))


@get("/analytics/cycle-time", operation_id="getCycleTimes")
async def cycle_times(
    request: HttpRequest, asked: NamedDependency[Asked]
) -> Response[SpannedCycleTimes]:
    """How many hours it took from creation, and from the start, to completion, over all and by
    the week of completion: of the last 12 weeks, unless said otherwise."""
    window = asked.window(QUARTER)
    times = await asked.facts.times(window)
    found = await asyncio.to_thread(analytics.cycle_times, window, times)
    answer = SpannedCycleTimes(window=window, times=found)
    return await shown(request, asked, answer, lambda: charts.cycle_times_chart(found))


@get("/analytics/throughput", operation_id="getThroughput")
async def throughput(
    request: HttpRequest, asked: NamedDependency[Asked], by: FromQuery[Grain] = "week"
) -> Response[Throughput]:
    """How many tasks were completed in each week or day, and how old what is open is by now."""
    window = asked.window(QUARTER)
    done = await asked.facts.completed(window, by)
    items = analytics.throughput(window, by, done)
    still_open = await asyncio.to_thread(analytics.open_work, await asked.facts.ages())
    found = Throughput(window=window, items=items, open=still_open)
    return await shown(request, asked, found, lambda: charts.throughput_chart(items, still_open))


ANALYTICS_QUERIES = Router(
    path="/",
    route_handlers=[overview, performance, trends, cycle_times, throughput],
    dependencies={"asked": Provide(provide_asked)},
    tags=["analytics"],
)
