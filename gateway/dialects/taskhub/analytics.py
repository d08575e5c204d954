"""TaskHub's analytics of the shared workspace."""

import asyncio
from typing import Any

from litestar import Response, Router, get
from litestar.di import NamedDependency

from events.envelope import Caller
from events.refusals import NotFound
from events.spaces import SYSTEM
from gateway.dialects.asking import account_of
from gateway.dialects.cached import Cache, cached
from gateway.dialects.fastapi import WireRequest, query_of
from gateway.dialects.taskhub.cached import ANALYTICS as LIFE
from gateway.dialects.taskhub.reading import at_head, not_authorized
from gateway.dialects.taskhub.space import SPACE
from gateway.dialects.taskhub.wire import TrendQuery
from queries import analytics
from queries.exports import Export
from queries.facts import TIME_COLUMNS, Facts, Places, empty_frame, places_of
from queries.services import Queries
from queries.windows import last_days

Json = dict[str, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/overview")
async def overview(
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    cache: NamedDependency[Cache],
) -> Response[bytes]:
    """Of priorities only those that there are."""
    head, found = await place(queries, member)

    async def answer() -> Json:
        facts = facts_of(queries, found)
        cube = await facts.cube(None, None)
        by_status = analytics.counts(cube, "status", analytics.STATUSES)
        by_priority = analytics.counts(cube, "priority", analytics.PRIORITIES)
        return {
            "total_tasks": sum(by_status.values()),
            **by_status,
            "by_priority": {name: count for name, count in by_priority.items() if count},
            "by_status": by_status,
        }

    return await cached(cache, queries, head, "taskhub overview", LIFE, answer)


@get("/performance")
async def performance(
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    cache: NamedDependency[Cache],
) -> Response[bytes]:
    """Everybody, by full name."""
    head, found = await place(queries, member)

    async def answer() -> list[Json]:
        facts = facts_of(queries, found)
        cube, members = await facts.cube(None, None), await facts.members()
        people = members.filter(members["account"] != str(SYSTEM))
        no_times = empty_frame(TIME_COLUMNS)  # how long it took is not asked here
        rows = await asyncio.to_thread(analytics.performance, people, cube, no_times)
        return [
            {
                "user_id": str(each.account),
                "username": each.username or "",
                "full_name": each.full_name,
                "total_assigned": each.assigned,
                "completed": each.completed,
                "in_progress": each.in_progress,
                "completion_rate": each.completion_rate,
            }
            for each in rows
        ]

    return await cached(cache, queries, head, "taskhub performance", LIFE, answer)


@get("/trends")
async def trends(
    request: WireRequest,
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    cache: NamedDependency[Cache],
) -> Response[bytes]:
    """That many days up to today."""
    asked = query_of(request, TrendQuery)
    head, found = await place(queries, member)
    window = last_days(asked.days, queries.now(), found.zone)

    async def answer() -> list[Json]:
        facts = facts_of(queries, found)
        made = await facts.created(window, "day")
        done = await facts.completed(window, "day")
        days = await asyncio.to_thread(analytics.trends, window, made, done)
        return [
            {"date": day.date.isoformat(), "created": day.created, "completed": day.completed}
            for day in days
        ]

    question = f"taskhub trends {window.first} {window.last} {window.zone}"
    return await cached(cache, queries, head, question, LIFE, answer)


@get("/export", media_type=XLSX)
async def export(
    member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> Response[bytes]:
    """Every task, the newest first."""
    await at_head(queries, member)
    from gateway.dialects.taskhub.workbook import workbook  # with xlsxwriter

    content = await workbook(Export(queries.database, [SPACE], queries.now()).rows())
    headers = {"Content-Disposition": "attachment; filename=tasks_export.xlsx"}
    return Response(content, media_type=XLSX, headers=headers)


async def place(queries: Queries, member: Caller) -> tuple[int | None, Places]:
    """The log's head, if the read models show it, and the shared workspace."""
    head = await at_head(queries, member)
    try:
        found = await places_of(queries.database, account=account_of(member), workspaces=[SPACE])
    except NotFound:
        raise not_authorized() from None
    return head, found


def facts_of(queries: Queries, found: Places) -> Facts:
    return Facts(queries.database, found, queries.now())


ANALYTICS = Router(path="/api/analytics", route_handlers=[overview, performance, trends, export])
