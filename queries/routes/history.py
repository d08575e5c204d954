"""What the pasts of all resources have in common over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from events.refusals import Invalid
from gateway.http import HttpRequest
from gateway.resources.history import Actor, HistoryItem
from gateway.resources.tasks import Instant, moment_in
from queries.history import data_of, history_page, names_of, summary_of
from queries.paging import Page
from queries.routes.tasks import page_headers
from queries.services import Queries

Version = Annotated[int | None, QueryParameter(description="A version it had.", ge=1, le=10**15)]
AsOf = Annotated[Instant | None, QueryParameter(description="An instant.")]


async def history_answer(
    request: HttpRequest,
    queries: Queries,
    account: UUID,
    noun: str,
    id: UUID,
    limit: int,
    cursor: str | None,
    min_position: str | None,
) -> Response[Page[HistoryItem]]:
    position = await queries.freshness.demand(account, min_position, "workspaces", "accounts")
    events, following = await history_page(
        queries.reader,
        queries.database,
        log=queries.log_id,
        account=account,
        noun=noun,
        id=id,
        limit=limit,
        cursor=cursor,
    )
    names = await names_of(queries.database, [event.actor for event in events if event.actor])
    items = [
        HistoryItem(
            version=event.version,
            position=event.position,
            type=event.topic,
            time=event.occurred_at,
            recorded_at=event.recorded_at or event.occurred_at,
            actor=Actor(event.actor, names.get(event.actor)) if event.actor else None,
            summary=summary_of(event),
            data=data_of(event),
        )
        for event in events
    ]
    return Response(Page(items, following), headers=page_headers(request, position, following))


def asked_moment(version: int | None, moment: str | None) -> datetime | None:
    """Exactly one of the two is to be given. Raises `Invalid`."""
    if (version is None) == (moment is None):
        raise Invalid("give either a version or a moment", field="version")
    at = moment_in(moment, "moment") if moment is not None else None
    if at is not None and not isinstance(at, datetime):
        raise Invalid("must be an instant with an offset", field="moment")
    return at
