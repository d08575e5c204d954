"""TaskFlow's `/auth` and `/user`: signing up and in, and one's own profile."""

from datetime import timedelta

from litestar import Router, get, post, put
from litestar.di import NamedDependency

from commands.accounts import ACCOUNTS, Account, ChangeEmail, ChangeProfile
from commands.base import Command, Stream
from commands.handler import Handler
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Conflict, Forbidden, Invalid, Unauthenticated
from gateway.auth import Auth
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import (
    WireRequest,
    body_of,
    detail,
    kept,
    unauthenticated,
    unprocessable,
)
from gateway.dialects.taskflow.asking import SYSTEM
from gateway.dialects.taskflow.shown import Json, shown_user
from gateway.dialects.taskflow.wire import Login, ProfileChanges, Signup

LIFE = timedelta(hours=24)


@post("/auth/signup", status_code=201)
async def sign_up(
    request: WireRequest, auth: NamedDependency[Auth], visit: NamedDependency[CommandRequest]
) -> Json:
    wanted = await body_of(request, Signup)
    try:
        signed_in, _ = await auth.register(
            email=wanted.email,
            username=None,
            full_name=wanted.full_name,
            password=wanted.password,
            request=visit,
        )
    except Conflict:
        raise detail(400, "Email already registered") from None
    except Invalid as refusal:  # a password longer than any that can be checked
        fault = {"type": "value_error", "loc": ["body", "password"], "msg": refusal.detail}
        raise unprocessable([{**fault, "input": None}]) from None
    account = signed_in.account
    return shown_user(account.number, account.email, account.full_name, account.created_at)


@post("/auth/login", status_code=200)
async def log_in(
    request: WireRequest, auth: NamedDependency[Auth], visit: NamedDependency[CommandRequest]
) -> Json:
    wanted = await body_of(request, Login)
    try:
        signed_in, _ = await auth.sign_in(wanted.email, wanted.password, visit, by=["email"])
    except (Unauthenticated, Forbidden, Invalid):
        raise unauthenticated("Incorrect email or password") from None
    token = auth.token_for(signed_in.account.id, signed_in.session, LIFE, dialect=SYSTEM)
    return {"access_token": token, "token_type": "bearer"}


@get("/user/profile")
async def profile(member: NamedDependency[Caller], handler: NamedDependency[Handler]) -> Json:
    return shown(await handler.load(account_of(member), ACCOUNTS))


@put("/user/profile")
async def change_profile(
    request: WireRequest,
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    wanted, account = await body_of(request, ProfileChanges), command.account
    commands: list[Command] = [ChangeProfile(stream=account, full_name=kept(wanted.full_name))]
    if wanted.email is not None:
        commands.append(ChangeEmail(stream=account, email=wanted.email))
    try:
        return shown((await handler.handle(commands, command)).stream)
    except Conflict as conflict:
        if conflict.field != "email":
            raise
        raise detail(400, "Email already in use") from None


def shown(account: Stream[Account]) -> Json:
    assert account.created_at is not None, "who is signed in has registered"
    state = account.state
    return shown_user(account.number, state.email, state.full_name, account.created_at)


ACCOUNTS_ROUTES = Router(path="/", route_handlers=[sign_up, log_in, profile, change_profile])
