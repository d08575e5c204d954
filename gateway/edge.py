"""What every request passes before the application, in one wrapper so that it stays cheap.

Its id, who sends it, from where, how much of that is too much, how long it may take, what pages
of other origins may see; then a log line and the metrics.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from litestar.datastructures import State
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from events.envelope import Caller
from events.refusals import Unauthenticated
from gateway.admission import check
from gateway.clients import Clients
from gateway.cors import Cors, OlderCors
from gateway.dialects.manners import Manners
from gateway.dialects.mounts import Mounts
from gateway.exchange import BodyInTime, Exchange
from gateway.http import MULTIPART, Authenticator, Rejected
from gateway.issuers import NATIVE
from gateway.limits import Limiter
from gateway.logs import ACCESS, described
from gateway.shares import Share, Taken
from infra.settings import Settings

UNMATCHED = "unmatched"
UPLOAD = MULTIPART.encode()

_HANDSHAKES = {"websocket.accept": 101, "websocket.close": 403}  # what servers make of these
_log = logging.getLogger(__name__)
_access = logging.getLogger(ACCESS)


class AnswerBroken(Exception):
    """It had begun when something failed: the connection must end."""


class Edge:
    """Wraps what answers requests; `state` is the application's. `methods` is what each route's
    path allows."""

    def __init__(
        self,
        app: ASGIApp,
        state: State,
        settings: Settings,
        methods: Mapping[str, bytes],
        dialects: Sequence[Manners] = (),
    ) -> None:
        self._app = app
        self._state = state
        self._settings = settings
        self._methods = methods
        self._mounts = Mounts(dialects, settings.root_dialect)
        self._clients = Clients(settings.trusted_proxies)
        self._shares = (Share("", settings.rate_limit),)
        self._cors = Cors(settings.cors_origins)
        self._older_cors = {
            each.name: OlderCors(each.name, settings.cors_origins) for each in dialects
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await self._websocket(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        exchange = Exchange(scope, send, self._mounts.enter(scope))
        try:
            origin = exchange.given.get(b"origin")
            if origin is not None:
                cors = self._cors_of(exchange.manners)
                if self._preflight(scope):
                    await exchange.answer(*cors.preflight(origin, scope["headers"]))
                    return
                exchange.extra += cors.headers(origin, scope["headers"])
            await self._admit(exchange)
            await self._within_time(exchange, receive)
            if exchange.taken is not None:
                await exchange.taken.answered(exchange.status)
        except Rejected as refused:
            await exchange.refuse(refused)
        except Exception as error:  # the application answers errors: one more is broken for good
            _log.error("request %s failed: %s", exchange.id, described(error))
            if exchange.status:
                raise AnswerBroken from None
            await exchange.refuse(Rejected(500, "internal-error", "something went wrong here"))
        finally:
            self._finish(exchange, time.perf_counter() - began)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, answered = time.perf_counter(), False
        exchange = Exchange(scope, send, self._mounts.enter(scope))

        async def answer(message: Any) -> None:
            """What is sent first answers the handshake."""
            nonlocal answered
            if not answered:
                answered = True
                exchange.status = message.get("status") or _HANDSHAKES[message["type"]]
                self._finish(exchange, time.perf_counter() - began)
            await send(message)

        try:
            await self._admit(exchange)
        except Rejected as refused:
            await refuse_handshake(refused, exchange, answer)
            return
        await self._app(scope, receive, answer)

    async def _admit(self, exchange: Exchange) -> None:
        """Raises `Rejected`. Who is not signed in is refused later, by the routes that ask."""
        scope = exchange.scope
        check(exchange)
        client = cast(Any, scope["client"])
        if client is not None:
            address = self._clients.address(client[0], exchange.given.get(b"x-forwarded-for"))
            if address != client[0]:
                scope["client"] = (address, 0)
        signed_in = await self._signed_in(exchange)
        scope["state"]["signed_in"] = signed_in
        limiter: Limiter | None = self._state.get("limiter")
        if limiter is None:
            return
        account = signed_in.account if isinstance(signed_in, Caller) else None
        taken = exchange.taken = Taken(limiter)
        try:
            await taken.take(self._shares_of(exchange.manners), scope, account)
        finally:
            exchange.extra += taken.headers

    async def _signed_in(self, exchange: Exchange) -> Caller | Exception | None:
        """The caller, or why there is none: an error is raised by the routes that need one."""
        authorization = exchange.given.get(b"authorization")
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(b" ")
        authenticator: Authenticator | None = self._state.get("authenticator")
        if scheme.lower() != b"bearer" or not token or authenticator is None:
            return Unauthenticated("send a bearer token", field="Authorization")
        try:
            system = exchange.manners.name if exchange.manners else NATIVE
            return await authenticator.caller(token.decode("latin-1"), system)
        except Exception as error:
            return error

    async def _within_time(self, exchange: Exchange, receive: Receive) -> None:
        scope = cast(HTTPScope, exchange.scope)
        seconds = self._settings.request_seconds
        if not scope["state"].get("whole"):
            allowed = self._settings.body_seconds
            if exchange.given.get(b"content-type", b"").lower().startswith(UPLOAD):
                allowed = self._settings.upload_seconds
            receive = BodyInTime(scope, receive, allowed)
            seconds += allowed
        inner = scope
        if scope["method"] == "OPTIONS":
            exchange.methods = self._methods
        elif scope["method"] == "HEAD":  # the server leaves the body out
            inner = exchange.scope = cast(HTTPScope, {**scope, "method": "GET"})
            scope["state"]["head"] = True  # for what would go on for ever
        task = asyncio.current_task()
        assert task is not None
        deadline = _Deadline(exchange, task.cancel)
        timer = asyncio.get_running_loop().call_later(seconds, deadline)
        try:
            await self._app(inner, receive, exchange.send)
        except asyncio.CancelledError:
            if not deadline.passed:
                raise
            task.uncancel()
            raise Rejected(
                503, "too-slow", "this took too long here", headers={"Retry-After": "5"}
            ) from None
        finally:
            timer.cancel()

    def _shares_of(self, manners: Manners | None) -> Sequence[Share]:
        return self._shares if manners is None else manners.shares

    def _cors_of(self, manners: Manners | None) -> Cors:
        return self._cors if manners is None else self._older_cors[manners.name]

    def _preflight(self, scope: Scope) -> bool:
        return cast(HTTPScope, scope)["method"] == "OPTIONS" and any(
            name == b"access-control-request-method" for name, _ in scope["headers"]
        )

    def _finish(self, exchange: Exchange, seconds: float) -> None:
        scope = cast(dict[str, Any], exchange.scope)
        method = scope.get("method", "GET")  # that of a handshake
        route = scope.get("path_template") or UNMATCHED
        metrics = self._state.get("metrics")
        if metrics is not None:
            metrics.observe(method, route, exchange.status, seconds)
        if _access.isEnabledFor(logging.INFO):
            _access.handle(_record(exchange, method, route, seconds))


class _Deadline:
    """Only until the answer begins: a stream may go on for as long as it is read."""

    def __init__(self, exchange: Exchange, cancel: Callable[[], object]) -> None:
        self._exchange = exchange
        self._cancel = cancel
        self.passed = False

    def __call__(self) -> None:
        if not self._exchange.status:
            self.passed = True
            self._cancel()


async def refuse_handshake(refused: Rejected, exchange: Exchange, send: Send) -> None:
    """A WebSocket's opening request is answered as HTTP where the server can."""
    scope = exchange.scope
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send(cast(Any, {"type": "websocket.close", "code": 1008, "reason": refused.code}))
        return

    async def as_http(message: Any) -> None:
        await send(cast(Any, {**message, "type": f"websocket.{message['type']}"}))

    exchange.send_on = as_http
    await exchange.refuse(refused)


def _record(exchange: Exchange, method: str, route: str, seconds: float) -> logging.LogRecord:
    """Made by hand: finding out where `info` was called costs more than the line."""
    record = logging.LogRecord(
        ACCESS,
        logging.INFO,
        __file__,
        0,
        "%s %s %d",
        (method, route, exchange.status),
        None,
    )
    signed_in = exchange.scope["state"].get("signed_in")
    fields: dict[str, Any] = {
        "method": method,
        "route": route,
        "status": exchange.status,
        "ms": round(seconds * 1000, 2),
        "request": exchange.id,
    }
    if isinstance(signed_in, Caller):
        fields["account"] = signed_in.account
    if exchange.position is not None:
        fields["position"] = int(exchange.position)
    record.fields = fields
    return record
