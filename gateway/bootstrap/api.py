"""The API process: what its routes depend on."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from litestar import Litestar

from commands.handler import Handler
from commands.view_counter import ViewCounter
from gateway.app import make_app
from gateway.auth import Auth
from gateway.bootstrap.files import open_objects
from gateway.bootstrap.issuers import issuers_of
from gateway.bootstrap.live import make_tail, open_live
from gateway.bootstrap.services import (
    Log,
    make_handler,
    make_stream,
    open_appender,
    open_log,
    prepare_database,
)
from gateway.dialects.taskhub.known import KnownTasks
from gateway.logins import Logins
from gateway.passwords import Passwords
from gateway.tokens import AccessTokens
from infra.cache import Cache
from infra.clock import utc_now
from infra.limits import RateLimiter, Tries
from infra.postgres import BUSY, LOST
from infra.settings import Settings
from projections.catalog import PROJECTIONS
from queries.access import Accesses
from queries.audit import Audit
from queries.deadlines import Deadlines
from queries.freshness import Freshness
from queries.membership import Membership
from queries.rendered_tasks import Form, RenderedTasks
from queries.routes.inbox import Notifications
from queries.routes.tasks import task_resource
from queries.services import Queries
from queries.waiting import Waiter

ACCESS_LIFE = timedelta(minutes=15)


def api(settings: Settings) -> Litestar:
    return make_app(settings, opening, outages=(*LOST, *BUSY))


@asynccontextmanager
async def opening(settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """What the routes depend on, by name."""
    await prepare_database(settings)
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(open_log(settings, keep_plans=True))
        appender = await stack.enter_async_context(open_appender(log))
        handler = make_handler(log, appender)
        limiter = await stack.enter_async_context(RateLimiter(settings.redis_url))
        passwords = Passwords(settings.bcrypt_cost, max_bytes=settings.max_password_bytes)
        stack.callback(passwords.close)
        waiter = await stack.enter_async_context(waiting(log))
        tail = make_tail(log)
        taskhub_tasks = KnownTasks(lambda: tail.position)
        tail.listeners += [handler.heard, taskhub_tasks.on_event]
        auth = make_auth(log, handler, passwords, limiter, lambda: tail.is_late)
        accesses = Accesses(log.pool, log.reader, waiter)
        live = await stack.enter_async_context(open_live(log, tail, auth, accesses))
        queries = make_queries(log, waiter)
        yield {
            "settings": settings,
            "log": log,
            "event_stream": make_stream(log),
            "appender": appender,
            "handler": handler,
            "limiter": limiter,
            "auth": auth,
            "authenticator": auth,
            "live": live,
            "audit": Audit(log.reader, accesses, live),
            "session_life": timedelta(days=settings.refresh_days),
            "queries": queries,
            "cache": await stack.enter_async_context(
                Cache(settings.redis_url, settings.cache_bytes)
            ),
            "objects": await stack.enter_async_context(open_objects(settings)),
            "notifications": Notifications(queries),
            "view_counter": ViewCounter(handler),
            "rendered_tasks": RenderedTasks(Form("v1", task_resource)),
            "taskhub_tasks": taskhub_tasks,
        }


def make_queries(log: Log, waiter: Waiter) -> Queries:
    return Queries(
        database=log.pool,
        freshness=Freshness(log.store, waiter),
        membership=Membership(log.pool),
        deadlines=Deadlines(log.pool, utc_now),
        reader=log.reader,
        log_id=log.log_id,
        now=utc_now,
    )


def make_auth(
    log: Log,
    handler: Handler,
    passwords: Passwords,
    limiter: RateLimiter,
    tail_is_late: Callable[[], bool],
) -> Auth:
    settings = log.settings
    assert settings.secret_key is not None
    minutes = settings.access_token_minutes
    life = None if minutes is None else timedelta(minutes=minutes)
    logins = Logins(
        handler=handler,
        secrets=log.store,
        passwords=passwords,
        limiter=Tries(limiter),
        limit=settings.login_limit,
        secret_key=settings.secret_key,
    )
    return Auth(
        handler=handler,
        secrets=log.store,
        passwords=passwords,
        logins=logins,
        access_tokens=AccessTokens(settings.secret_key, life or ACCESS_LIFE),
        dialect_life=life,
        refresh_life=timedelta(days=settings.refresh_days),
        tail_is_late=tail_is_late,
        issuers=issuers_of(settings),
    )


@asynccontextmanager
async def waiting(log: Log) -> AsyncIterator[Waiter]:
    """A waiter that hears of the projectors' commits."""
    waiter = Waiter(log.pool, log.log_id)
    prefix = f"{log.settings.subject_prefix}.hints.projected."
    async with AsyncExitStack() as stack:
        stack.push_async_callback(waiter.close)
        for projection in PROJECTIONS:

            def heard(subject: str, position: int) -> None:
                waiter.passed(subject.removeprefix(prefix), position)

            await stack.enter_async_context(log.nats.listening(prefix + projection.name, heard))
        yield waiter
