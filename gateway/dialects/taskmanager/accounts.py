"""Task Manager's `/auth`: registering and signing in by username."""

from datetime import timedelta
from typing import Any

from litestar import Router, post
from litestar.di import NamedDependency

from commands.accounts import ACCOUNTS, normal
from commands.handler import Handler
from events.append import CommandRequest
from events.refusals import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from gateway.auth import Auth
from gateway.dialects.fastapi import WireRequest, body_of
from gateway.dialects.taskmanager import words
from gateway.dialects.taskmanager.reading import SYSTEM
from gateway.dialects.taskmanager.shown import shown_user
from gateway.dialects.taskmanager.wire import Login, Register

LIFE = timedelta(minutes=720)


@post("/register", status_code=201)
async def register(
    request: WireRequest,
    handler: NamedDependency[Handler],
    auth: NamedDependency[Auth],
    visit: NamedDependency[CommandRequest],
) -> dict[str, Any]:
    wanted = await body_of(request, Register)
    try:
        signed_in, _ = await auth.register(
            email=wanted.email,
            username=wanted.username,
            full_name=wanted.username,
            password=wanted.password,
            request=visit,
        )
    except Conflict:
        known = await handler.claimed_by("username", normal(wanted.username))
        field = "username" if known else "email"
        raise words.taken(field, getattr(wanted, field)) from None
    account = await handler.load(signed_in.account.id, ACCOUNTS)
    assert account.created_at is not None, "it has just begun"
    return shown_user(account.number, wanted.username, wanted.email, account.created_at)


@post("/login", status_code=200)
async def login(
    request: WireRequest,
    auth: NamedDependency[Auth],
    visit: NamedDependency[CommandRequest],
) -> dict[str, Any]:
    wanted = await body_of(request, Login)
    try:
        signed_in, _ = await auth.sign_in(wanted.username, wanted.password, visit, by=["username"])
    except (Unauthenticated, Forbidden, Invalid):  # Invalid: longer than any password
        raise words.bad_login() from None
    except TooMany as refusal:
        limit = request.app.state.settings.login_limit
        raise words.too_many_logins(refusal, limit) from None
    token = auth.token_for(signed_in.account.id, signed_in.session, LIFE, dialect=SYSTEM)
    return {"access_token": token, "token_type": "bearer"}


AUTH = Router(path="/auth", route_handlers=[register, login])
