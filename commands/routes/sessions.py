"""Signing in, staying signed in and signing out, over HTTP."""

from typing import Any, Literal, Protocol, runtime_checkable
from uuid import UUID

from litestar import Response, Router, delete, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody

from commands.handler import Outcome
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import NotFound
from gateway.http import Body, HttpRequest, answer, provide_visitor
from gateway.resources.accounts import Login, Password, SignedIn, Token


async def provide_caller(request: HttpRequest) -> Caller:
    """Whoever asks need not be signed in here."""
    return await provide_visitor(request)


AS_VISITOR = {"caller": Provide(provide_caller)}


@runtime_checkable
class SigningIn(Protocol):
    """What the routes need of `gateway/auth.py`; tokens come with the log's position."""

    async def register(
        self,
        *,
        email: str,
        username: str | None,
        full_name: str,
        password: str,
        request: CommandRequest,
    ) -> tuple[SignedIn, int]: ...
    async def sign_in(
        self, login: str, password: str, request: CommandRequest
    ) -> tuple[SignedIn, int]: ...
    async def reactivate(
        self, login: str, password: str, request: CommandRequest
    ) -> tuple[SignedIn, int]: ...
    async def deactivate(self, password: str, request: CommandRequest) -> Outcome: ...
    async def refresh(self, token: str, request: CommandRequest) -> tuple[SignedIn, int]: ...
    async def revoke(
        self, session: UUID, reason: Literal["logout", "revoked"], request: CommandRequest
    ) -> Outcome: ...
    async def change_email(self, email: str, password: str, request: CommandRequest) -> Outcome: ...
    async def change_password(self, current: str, new: str, request: CommandRequest) -> Outcome: ...


class LoginBody(Body, frozen=True):
    login: Login
    password: Password


class RefreshBody(Body, frozen=True):
    refresh_token: Token


@post("/sessions", operation_id="signIn", status_code=201, dependencies=AS_VISITOR)
async def sign_in(
    data: JSONBody[LoginBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[SignedIn]:
    """Sign in by e-mail or username. Too many wrong passwords have to wait; an account that is
    deactivated answers 403 to who has its password."""
    tokens, position = await auth.sign_in(data.login, data.password, command_request)
    return with_tokens(tokens, position, status=201)


@post("/sessions/refresh", operation_id="refreshSession", status_code=200, dependencies=AS_VISITOR)
async def refresh_session(
    data: JSONBody[RefreshBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[SignedIn]:
    """Exchange a refresh token for new tokens.

    Each refresh token is good once. For half a minute it answers the same new one again, so that
    a lost answer can be asked for; used later, it is taken for stolen and its session ends.
    """
    tokens, position = await auth.refresh(data.refresh_token, command_request)
    return with_tokens(tokens, position, status=200)


@delete("/sessions/current", operation_id="signOut", status_code=204)
async def sign_out(
    caller: NamedDependency[Caller],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """End the session in which you ask: its tokens are good for nothing from now on."""
    if caller.session is None:
        raise NotFound("you are not signed in with a session")
    outcome = await auth.revoke(caller.session, "logout", command_request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


@delete("/sessions/{session:uuid}", operation_id="revokeSession", status_code=204)
async def revoke_session(
    session: FromPath[UUID],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """End one of your sessions, such as that of a lost device."""
    outcome = await auth.revoke(session, "revoked", command_request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


def with_tokens(tokens: SignedIn, position: int, *, status: int) -> Response[SignedIn]:
    response = answer(tokens, status=status, position=position)
    response.headers["Cache-Control"] = "no-store"  # RFC 6749, 5.1
    return response


SESSION_ROUTES: list[Any] = [sign_in, refresh_session, sign_out, revoke_session]
SESSION_COMMANDS = Router(path="/", route_handlers=SESSION_ROUTES, tags=["sessions"])
