"""The HTTP application: routes, what they depend on, and how errors leave it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.routes import HTTPRoute

from commands.routes.accounts import ACCOUNT_COMMANDS
from commands.routes.attachments import ATTACHMENT_COMMANDS
from commands.routes.bulk_tasks import BULK_TASK_COMMANDS
from commands.routes.comments import COMMENT_COMMANDS
from commands.routes.exports import EXPORT_COMMANDS
from commands.routes.inbox import INBOX_COMMANDS
from commands.routes.notes import NOTE_COMMANDS
from commands.routes.posts import POST_COMMANDS
from commands.routes.reminders import REMINDER_COMMANDS
from commands.routes.sessions import SESSION_COMMANDS
from commands.routes.tags import TAG_COMMANDS
from commands.routes.tasks import TASK_COMMANDS
from commands.routes.workspaces import WORKSPACE_COMMANDS
from gateway.checks import check_request
from gateway.dialects.catalog import DIALECTS, DOCUMENTS, manners_of, with_dialects
from gateway.edge import Edge
from gateway.health import HEALTH_ROUTES, Probe
from gateway.http import provide_caller, provide_command_request
from gateway.index import INDEX_ROUTES
from gateway.live.routes import LIVE_ROUTES
from gateway.metrics import METRICS_ROUTES, Metrics
from gateway.problems import exception_handlers
from gateway.request import NativeRequest
from infra.settings import Settings
from queries.routes.accounts import ACCOUNT_QUERIES
from queries.routes.analytics import ANALYTICS_QUERIES
from queries.routes.attachments import ATTACHMENT_QUERIES
from queries.routes.comments import COMMENT_QUERIES
from queries.routes.events import EVENT_QUERIES
from queries.routes.exports import EXPORT_QUERIES
from queries.routes.history_of_tasks import HISTORY_QUERIES
from queries.routes.inbox import INBOX_QUERIES
from queries.routes.notes import NOTE_HISTORY, NOTE_QUERIES
from queries.routes.posts import POST_HISTORY, POST_QUERIES
from queries.routes.search import SEARCH_QUERIES
from queries.routes.statistics import STATISTICS_QUERIES
from queries.routes.tags import TAG_QUERIES
from queries.routes.tasks import TASK_QUERIES
from queries.routes.workspaces import WORKSPACE_QUERIES

V1_ROUTES = [
    ACCOUNT_COMMANDS,
    ACCOUNT_QUERIES,
    SESSION_COMMANDS,
    WORKSPACE_COMMANDS,
    WORKSPACE_QUERIES,
    TAG_COMMANDS,
    TAG_QUERIES,
    TASK_COMMANDS,
    BULK_TASK_COMMANDS,
    TASK_QUERIES,
    COMMENT_COMMANDS,
    COMMENT_QUERIES,
    ATTACHMENT_COMMANDS,
    ATTACHMENT_QUERIES,
    NOTE_COMMANDS,
    NOTE_QUERIES,
    POST_COMMANDS,
    POST_QUERIES,
    INBOX_COMMANDS,
    REMINDER_COMMANDS,
    INBOX_QUERIES,
    HISTORY_QUERIES,
    NOTE_HISTORY,
    POST_HISTORY,
    ANALYTICS_QUERIES,
    STATISTICS_QUERIES,
    EXPORT_COMMANDS,
    EXPORT_QUERIES,
    SEARCH_QUERIES,
    EVENT_QUERIES,
    *LIVE_ROUTES,
]

# What `opening` opens and routes ask for by these names.
FROM_STATE = (
    "handler",
    "auth",
    "session_life",
    "queries",
    "cache",
    "audit",
    "live",
    "notifications",
    "view_counter",
    "rendered_tasks",
    "taskhub_tasks",
    "objects",
)

Opening = Callable[[Settings], AbstractAsyncContextManager[dict[str, Any]]]


def make_app(
    settings: Settings, opening: Opening, *, outages: Sequence[type[BaseException]] = ()
) -> Litestar:
    """`opening` opens what the routes depend on, by name, for as long as the app runs; `outages`
    are the errors by which it says that a server is away."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.update(await stack.enter_async_context(opening(settings)))
            app.state.probe = Probe(app.state)
            stack.push_async_callback(app.state.probe.close)
            yield

    state = State({"settings": settings})
    state.metrics = Metrics(state)
    v1 = Router(
        path="/v1",
        route_handlers=V1_ROUTES,
        request_class=NativeRequest,
        before_request=check_request,
    )
    app = Litestar(
        route_handlers=[v1, *DIALECTS, *DOCUMENTS, *HEALTH_ROUTES, *METRICS_ROUTES, *INDEX_ROUTES],
        lifespan=[lifespan],
        state=state,
        dependencies={
            **{name: from_state(name) for name in FROM_STATE},
            "caller": Provide(provide_caller),
            "command_request": Provide(provide_command_request),
        },
        logging_config=None,
        exception_handlers=with_dialects(exception_handlers(outages)),
        openapi_config=None,
        request_max_body_size=settings.max_body_bytes,
    )
    resolve_in_turn(app)
    dialects = manners_of(settings)
    app.asgi_handler = Edge(app.asgi_handler, app.state, settings, _methods_of(app), dialects)
    return app


def resolve_in_turn(app: Litestar) -> None:
    """Litestar resolves what does not depend on each other in a group of tasks; ours wait for
    nothing, and the group costs more than they do."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                model.dependency_batches = [
                    {one} for batch in model.dependency_batches for one in batch
                ]


def _methods_of(app: Litestar) -> dict[str, bytes]:
    """What `Allow` says of each path. One whose handlers stand in several routers is several
    routes to Litestar, and its answers to OPTIONS know only their own."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            head = {"HEAD"} if "GET" in route.methods else set()
            found[route.path_format] |= {*route.methods, *head}
    return {path: ", ".join(sorted(methods)).encode() for path, methods in found.items()}


def from_state(name: str) -> Provide:
    def provide(state: State) -> Any:
        return state[name]

    return Provide(provide, sync_to_thread=False)
