"""The account commands over HTTP."""

from typing import Any

from litestar import Response, Router, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from commands.accounts import Account, ChangeProfile
from commands.base import Stream
from commands.handler import Handler, Outcome
from commands.routes.sessions import AS_VISITOR, LoginBody, SigningIn, with_tokens
from events.append import CommandRequest
from events.refusals import Invalid
from gateway.http import Body, answer, changes_in
from gateway.resources.accounts import (
    AccountResource,
    AvatarUrl,
    Email,
    FullName,
    Locale,
    NewPassword,
    Password,
    ProfileZone,
    SignedIn,
    Username,
    email_in,
    line_in,
)

AccountAnswer = Response[AccountResource]


class RegistrationBody(Body, frozen=True):
    email: Email
    full_name: FullName
    password: NewPassword
    username: Username | None = None


class ProfilePatch(Body, frozen=True):
    """A merge patch (RFC 7396): what is absent stays, and null clears; a null username gives it
    up."""

    full_name: FullName | UnsetType = UNSET
    username: Username | None | UnsetType = UNSET
    avatar_url: AvatarUrl | None | UnsetType = UNSET
    time_zone: ProfileZone | None | UnsetType = UNSET
    locale: Locale | None | UnsetType = UNSET


class EmailBody(Body, frozen=True):
    email: Email
    password: Password


class DeactivationBody(Body, frozen=True):
    password: Password


class PasswordBody(Body, frozen=True):
    current: Password
    new: NewPassword


@post("/accounts", operation_id="register", status_code=201, dependencies=AS_VISITOR)
async def register(
    data: JSONBody[RegistrationBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[SignedIn]:
    """Register, and be signed in at once. You get a personal workspace with the account."""
    tokens, position = await auth.register(
        email=email_in(data.email),
        username=data.username,
        full_name=line_in(data.full_name, "full_name"),
        password=data.password,
        request=command_request,
    )
    response = with_tokens(tokens, position, status=201)
    response.headers["Location"] = "/v1/me"
    return response


@patch("/me", operation_id="changeProfile")
async def change_profile(
    data: JSONBody[ProfilePatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> AccountAnswer:
    """Change your profile by a merge patch. What changes nothing appends nothing."""
    changes = dict(changes_in(data, *ProfilePatch.__struct_fields__))
    if not changes:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    if "full_name" in changes:
        changes["full_name"] = line_in(changes["full_name"], "full_name")
    command = ChangeProfile(stream=command_request.account, **changes)
    return account_answer(await handler.handle([command], command_request))


@post("/me/deactivate", operation_id="deactivate", status_code=204)
async def deactivate(
    data: JSONBody[DeactivationBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Deactivate your account; it takes your password. Every session ends, this one too, and
    nobody can sign in until you reactivate it. What you did stays, and so does your membership."""
    outcome = await auth.deactivate(data.password, command_request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


@post("/me/reactivate", operation_id="reactivate", status_code=201, dependencies=AS_VISITOR)
async def reactivate(
    data: JSONBody[LoginBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> Response[SignedIn]:
    """Sign in, and be active again if your account was deactivated."""
    tokens, position = await auth.reactivate(data.login, data.password, command_request)
    return with_tokens(tokens, position, status=201)


@put("/me/email", operation_id="changeEmail")
async def change_email(
    data: JSONBody[EmailBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> AccountAnswer:
    """Change the e-mail by which you sign in; it takes your password."""
    email = email_in(data.email)
    return account_answer(await auth.change_email(email, data.password, command_request))


@put("/me/password", operation_id="changePassword")
async def change_password(
    data: JSONBody[PasswordBody],
    auth: NamedDependency[SigningIn],
    command_request: NamedDependency[CommandRequest],
) -> AccountAnswer:
    """Change your password. Every other session of yours ends; this one goes on."""
    return account_answer(await auth.change_password(data.current, data.new, command_request))


def account_answer(outcome: Outcome) -> AccountAnswer:
    return answer(
        account_resource(outcome.stream),
        version=outcome.stream.version,
        position=outcome.position,
        replayed=outcome.replayed,
    )


def account_resource(stream: Stream[Account]) -> AccountResource:
    assert stream.created_at is not None
    assert stream.updated_at is not None
    return AccountResource(
        id=stream.id,
        number=stream.number,
        email=stream.state.email,
        username=stream.state.username,
        full_name=stream.state.full_name,
        avatar_url=stream.state.avatar_url,
        time_zone=stream.state.time_zone,
        locale=stream.state.locale,
        created_at=stream.created_at,
        updated_at=stream.updated_at,
        version=stream.version,
    )


ACCOUNT_ROUTES: list[Any] = [
    register,
    change_profile,
    change_email,
    change_password,
    deactivate,
    reactivate,
]
ACCOUNT_COMMANDS = Router(path="/", route_handlers=ACCOUNT_ROUTES, tags=["accounts"])
