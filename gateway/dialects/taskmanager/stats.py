"""Task Manager's `/tasks/stats`, remembered for each user until something happens."""

from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from events.envelope import Caller
from events.refusals import NotFound, Unavailable
from gateway.dialects.asking import account_of
from gateway.dialects.cached import Cache, cached
from gateway.dialects.private import at_head, space_of
from gateway.dialects.taskmanager.shown import PRIORITIES
from queries.services import Queries
from queries.statistics import Statistics, statistics_of

LIFE = timedelta(seconds=300)


@get("/tasks/stats")
async def stats(
    member: NamedDependency[Caller],
    queries: NamedDependency[Queries],
    cache: NamedDependency[Cache],
) -> Response[bytes]:
    account = account_of(member)
    head = await at_head(queries, member)

    async def answer() -> dict[str, Any]:
        try:
            found = await statistics_of(
                queries.database, account=account, workspace=space_of(member), now=queries.now()
            )
        except NotFound:  # their workspace is as new as they are
            raise Unavailable("it is not known yet who you are") from None
        return shown_stats(found)

    return await cached(cache, queries, head, f"taskmanager stats {account}", LIFE, answer)


def shown_stats(found: Statistics) -> dict[str, Any]:
    """Of priorities and tags only those that there are."""
    by_priority: dict[str, int] = {}
    for priority, count in found.by_priority.items():
        if count:
            name = PRIORITIES.get(priority, priority)
            by_priority[name] = by_priority.get(name, 0) + count
    return {
        "total": found.total,
        "completed": found.completed,
        "incomplete": found.incomplete,
        "by_priority": by_priority,
        "by_tag": {tag.name: tag.tasks for tag in found.by_tag},
        "overdue": found.overdue,
    }
