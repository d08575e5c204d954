"""The audit feed over HTTP."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from events.envelope import Caller
from gateway.http import HttpRequest
from queries.audit import Audit, EventPage, Place, Wanted, read_place, wanted_of
from queries.routes.tasks import account_of

_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PLACE = f"^[0-9]{{1,18}}(@{_ID})?$"

After = Annotated[
    str | None,
    QueryParameter(
        description="A position, or `next` of the page before; without it, the start.",
        pattern=PLACE,
    ),
]
EventLimit = Annotated[int, QueryParameter(description="How many at most.", ge=1, le=200)]
Wait = Annotated[
    float,
    QueryParameter(
        description="Wait so many seconds for an event if there is none yet. The answer may come "
        "sooner without one.",
        ge=0,
        le=30,
    ),
]
Nouns = Annotated[
    list[str] | None, QueryParameter(description="Only events of these nouns, such as `task`.")
]
Resources = Annotated[
    list[str] | None, QueryParameter(description="Only events of these, such as `task/<id>`.")
]
# Below what a request may take in all.
LONGEST_WAIT = 25.0


async def provide_wanted(
    workspace: FromQuery[list[UUID] | None] = None,
    noun: Nouns = None,
    resource: Resources = None,
) -> Wanted:
    return wanted_of(workspace or (), noun or (), resource or ())


@get("/events", operation_id="listEvents", dependencies={"wanted": Provide(provide_wanted)})
async def list_of_events(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    audit: NamedDependency[Audit],
    wanted: NamedDependency[Wanted],
    after: After = None,
    limit: EventLimit = 50,
    wait: Wait = 0,
) -> Response[EventPage]:
    """Everything that happened in your workspaces and to your account, oldest first. Ask again
    with `after` set to `next`, as often as you like: nothing is left out or repeated."""
    place = read_place(after) if after is not None else Place(0)
    page = await audit.page(account_of(caller), wanted, place, limit, min(wait, LONGEST_WAIT))
    asked = [(k, v) for k, v in request.query_params.multi_items() if k != "after"]
    link = f'<{request.scope["path"]}?{urlencode([*asked, ("after", page.next)])}>; rel="next"'
    return Response(page, headers={"Link": link, "Tasktrail-Position": str(page.position)})


EVENT_QUERIES = Router(path="/", route_handlers=[list_of_events], tags=["events"])
