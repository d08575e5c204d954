"""TaskHub's `/api/auth`: registering, signing in, and who else is there."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from msgspec import UNSET

from commands.accounts import ChangeProfile
from commands.handler import Handler
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Conflict, Forbidden, Invalid, Unauthenticated
from gateway.auth import Auth
from gateway.dialects.fastapi import WireRequest, body_of, detail, unauthenticated
from gateway.dialects.taskhub.reading import at_head
from gateway.dialects.taskhub.shown import shown_user
from gateway.dialects.taskhub.space import SPACE, join
from gateway.dialects.taskhub.wire import Login, Profile, Register
from queries.people import PersonRow, members_of, people
from queries.services import Queries

LIFE = timedelta(minutes=1440)


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
            full_name=wanted.full_name,
            password=wanted.password,
            request=visit,
        )
    except Conflict:
        raise detail(400, "Email or username already exists") from None
    account = signed_in.account
    await join(handler, account.id)
    user = PersonRow(
        account.id,
        account.email,
        account.username,
        account.full_name,
        account.avatar_url,
        account.created_at,
    )
    return token_answer(auth, user, signed_in.session)


@post("/login", status_code=200)
async def login(
    request: WireRequest,
    handler: NamedDependency[Handler],
    auth: NamedDependency[Auth],
    visit: NamedDependency[CommandRequest],
) -> dict[str, Any]:
    """By e-mail; whoever has an account from elsewhere joins the shared workspace by it."""
    wanted = await body_of(request, Login)
    try:
        signed_in, _ = await auth.sign_in(wanted.email, wanted.password, visit)
    except (Unauthenticated, Invalid):  # no password is longer than what can be checked
        raise unauthenticated("Invalid email or password") from None
    except Forbidden:
        raise detail(403, "Account is disabled") from None
    account = signed_in.account
    await join(handler, account.id)
    user = PersonRow(
        account.id,
        account.email,
        account.username,
        account.full_name,
        account.avatar_url,
        account.created_at,
    )
    return token_answer(auth, user, signed_in.session)


@get("/me")
async def me(member: NamedDependency[Caller], queries: NamedDependency[Queries]) -> dict[str, Any]:
    assert member.account is not None
    await queries.freshness.demand(member.account, "head", "accounts")
    [person] = await people(queries.database, [member.account])
    return shown_user(person)


@put("/me")
async def change_me(
    request: WireRequest,
    member: NamedDependency[Caller],
    command: NamedDependency[CommandRequest],
    handler: NamedDependency[Handler],
    queries: NamedDependency[Queries],
) -> dict[str, Any]:
    wanted = await body_of(request, Profile)
    assert member.account is not None
    change = ChangeProfile(
        stream=member.account,
        full_name=UNSET if wanted.full_name is None else wanted.full_name,
        avatar_url=UNSET if wanted.avatar_url is None else wanted.avatar_url,
    )
    await handler.handle([change], command)
    await queries.freshness.demand(member.account, "head", "accounts")
    [person] = await people(queries.database, [member.account])
    return shown_user(person)


@get("/users")
async def users(
    member: NamedDependency[Caller], queries: NamedDependency[Queries]
) -> list[dict[str, Any]]:
    """Everybody active in the shared workspace, by full name."""
    await at_head(queries, member)
    return [shown_user(person) for person in await members_of(queries.database, SPACE)]


def token_answer(auth: Auth, user: PersonRow, session: UUID) -> dict[str, Any]:
    return {
        "access_token": auth.token_for(user.id, session, LIFE, dialect="taskhub"),
        "token_type": "bearer",
        "user": shown_user(user),
    }


ACCOUNTS = Router(path="/api/auth", route_handlers=[register, login, me, change_me, users])
