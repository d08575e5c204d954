"""Phase 3's `/api/v1`: registering, signing in and out, and who that is."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from msgspec.structs import replace

from commands.accounts import ACCOUNTS
from commands.handler import Handler
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Conflict, Invalid, Unauthenticated
from gateway.auth import Auth
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import WireRequest, body_of, detail, unauthenticated
from gateway.dialects.phase3.asking import user_of
from gateway.dialects.phase3.shown import shown_user
from gateway.dialects.phase3.wire import Login, Register
from gateway.dialects.phase3.words import BAD_LOGIN, LOGGED_OUT, TAKEN
from gateway.resources.accounts import SignedIn

Json = dict[str, Any]
LIFE = timedelta(minutes=30)


@post("/register", status_code=200)
async def register(
    request: WireRequest, auth: NamedDependency[Auth], visit: NamedDependency[CommandRequest]
) -> Json:
    wanted = await body_of(request, Register)
    try:
        signed_in, _ = await auth.register(
            email=wanted.email,
            username=None,
            full_name=wanted.name,
            password=wanted.password,
            request=visit,
        )
    except Conflict:
        raise detail(409, TAKEN) from None
    return welcomed(auth, signed_in)


@post("/login", status_code=200)
async def login(
    request: WireRequest, auth: NamedDependency[Auth], visit: NamedDependency[CommandRequest]
) -> Json:
    wanted = await body_of(request, Login)
    try:
        signed_in, _ = await auth.sign_in(wanted.email, wanted.password, visit, by=("email",))
    except (Unauthenticated, Invalid):  # no password is longer than what can be checked
        raise unauthenticated(BAD_LOGIN) from None
    return welcomed(auth, signed_in)


@post("/logout", status_code=200)
async def logout(
    request: WireRequest, auth: NamedDependency[Auth], visit: NamedDependency[CommandRequest]
) -> Json:
    """Whose token is good is signed out; anybody else was not signed in."""
    known = request.scope["state"].get("signed_in")
    if isinstance(known, Caller) and known.session is not None:
        caller = replace(visit.caller, account=known.account, session=known.session)
        await auth.revoke(known.session, "logout", replace(visit, caller=caller))
    return {"message": LOGGED_OUT}


@get("/profile")
async def profile(
    request: WireRequest,
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    auth: NamedDependency[Auth],
) -> Json:
    """With a fresh token, where the one that came is ours."""
    account = await handler.load(account_of(member), ACCOUNTS)
    assert account.created_at is not None, "who is signed in exists"
    token = request.headers["authorization"].partition(" ")[2]
    if member.session is not None:
        token = fresh_token(auth, account.id, member.session)
    state = account.state
    return shown_user(user_of(request), state.email, state.full_name, account.created_at, token)


def welcomed(auth: Auth, signed_in: SignedIn) -> Json:
    account = signed_in.account
    token = fresh_token(auth, account.id, signed_in.session)
    return shown_user(str(account.id), account.email, account.full_name, account.created_at, token)


def fresh_token(auth: Auth, account: UUID, session: UUID) -> str:
    return auth.token_for(account, session, LIFE, dialect="phase3")


ACCOUNTS_V1 = Router(path="/api/v1", route_handlers=[register, login, logout, profile])
