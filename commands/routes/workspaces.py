"""The workspace commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.accounts import ACCOUNTS, Account, normal
from commands.base import Command, Stream, permit
from commands.handler import Handler, Outcome
from commands.workspaces import (
    WORKSPACES,
    AddMember,
    ChangeRole,
    ChangeTimeZone,
    CreateWorkspace,
    LeaveWorkspace,
    RemoveMember,
    RenameWorkspace,
)
from events.append import CommandRequest
from events.base import Role
from events.ids import new_id
from events.refusals import Invalid
from gateway.http import Body, answer
from gateway.resources.accounts import Email, email_in, line_in
from gateway.resources.workspaces import (
    MemberResource,
    TimeZone,
    WorkspaceName,
    WorkspaceResource,
)

WorkspaceAnswer = Response[WorkspaceResource]


class WorkspaceBody(Body, frozen=True):
    name: WorkspaceName
    time_zone: TimeZone = "UTC"


class WorkspacePatch(Body, frozen=True):
    """A merge patch (RFC 7396): what is absent stays."""

    name: WorkspaceName | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET


class MemberBody(Body, frozen=True):
    """Whom to add: by `email` or by `account`, one of them."""

    email: Email | None = None
    account: UUID | None = None
    role: Role = "member"


class RoleBody(Body, frozen=True):
    role: Role


@post("/workspaces", operation_id="createWorkspace", status_code=201)
async def create_workspace(
    data: JSONBody[WorkspaceBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> WorkspaceAnswer:
    """Create a workspace to share; you are its first owner."""
    command = CreateWorkspace(
        stream=new_id(),
        owner=command_request.account,
        name=line_in(data.name, "name"),
        time_zone=data.time_zone,
    )
    outcome = await handler.handle([command], command_request)
    return workspace_answer(outcome, command_request, status=201)


@patch("/workspaces/{workspace:uuid}", operation_id="editWorkspace")
async def edit_workspace(
    workspace: FromPath[UUID],
    data: JSONBody[WorkspacePatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> WorkspaceAnswer:
    """Rename it, or change its time zone, by a merge patch. Needs the role admin."""
    commands: list[Command] = []
    if data.name is not UNSET:
        commands.append(RenameWorkspace(stream=workspace, name=line_in(data.name, "name")))
    if data.time_zone is not UNSET:
        commands.append(ChangeTimeZone(stream=workspace, time_zone=data.time_zone))
    if not commands:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    return workspace_answer(await handler.handle(commands, command_request), command_request)


@post("/workspaces/{workspace:uuid}/members", operation_id="addMember", status_code=201)
async def add_member(
    workspace: FromPath[UUID],
    data: JSONBody[MemberBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[MemberResource]:
    """Add an account, by e-mail or id. Needs the role admin; only owners add admins and owners."""
    # Before it is looked for: by the time of a repetition the e-mail may be somebody else's.
    command = AddMember(stream=workspace, account=data.account or new_id(), role=data.role)
    outcome = await handler.replayed([command], command_request)
    if outcome is None:
        account = await account_named(handler, data)
        if account is None:  # said to those only who may add somebody
            permit(
                (await handler.load(workspace, WORKSPACES)).state.members,
                command_request.caller,
                "admin",
            )
            raise Invalid(
                "there is no such account",
                code="no-such-account",
                field="account" if data.email is None else "email",
            )
        outcome = await handler.handle([replace(command, account=account.id)], command_request)
    newest = list(outcome.stream.state.members)[-1]
    return member_answer(outcome, await handler.load(newest, ACCOUNTS, fresh=False), status=201)


@patch("/workspaces/{workspace:uuid}/members/{account:uuid}", operation_id="changeRole")
async def change_role(
    workspace: FromPath[UUID],
    account: FromPath[UUID],
    data: JSONBody[RoleBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[MemberResource]:
    """Give a member another role. Needs the role admin; only owners make and unmake admins and
    owners. The last owner stays one."""
    command = ChangeRole(stream=workspace, account=account, role=data.role)
    outcome = await handler.handle([command], command_request)
    return member_answer(outcome, await handler.load(account, ACCOUNTS, fresh=False))


@delete(
    "/workspaces/{workspace:uuid}/members/{account:uuid}",
    operation_id="removeMember",
    status_code=204,
)
async def remove_member(
    workspace: FromPath[UUID],
    account: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Remove a member, or leave if that is you. Removing needs the role admin; only owners
    remove admins and owners."""
    if account == command_request.caller.account:
        return await gone(handler, LeaveWorkspace(stream=workspace), command_request)
    return await gone(handler, RemoveMember(stream=workspace, account=account), command_request)


@delete("/workspaces/{workspace:uuid}/members/me", operation_id="leaveWorkspace", status_code=204)
async def leave_workspace(
    workspace: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Leave a workspace. Its last owner cannot."""
    return await gone(handler, LeaveWorkspace(stream=workspace), command_request)


async def account_named(handler: Handler, body: MemberBody) -> Stream[Account] | None:
    if (body.email is None) == (body.account is None):
        raise Invalid("name the account by `email` or by `account`, one of them", field="email")
    id = body.account
    if body.email is not None:
        id = await handler.claimed_by("email", normal(email_in(body.email)))
    account = await handler.load(id, ACCOUNTS) if id else None
    return account if account and account.state.exists else None


async def gone(handler: Handler, command: Command, request: CommandRequest) -> Response[None]:
    outcome = await handler.handle([command], request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


def workspace_answer(
    outcome: Outcome, request: CommandRequest, *, status: int = 200
) -> WorkspaceAnswer:
    stream = outcome.stream
    assert stream.created_at is not None
    assert stream.updated_at is not None
    resource = WorkspaceResource(
        id=stream.id,
        name=stream.state.name,
        time_zone=stream.state.time_zone,
        personal=stream.state.personal,
        role=stream.state.members[request.account],
        created_at=stream.created_at,
        updated_at=stream.updated_at,
        version=stream.version,
    )
    return answer(
        resource,
        status=status,
        version=stream.version,
        position=outcome.position,
        location=f"/v1/workspaces/{stream.id}" if status == 201 else None,
        replayed=outcome.replayed,
    )


def member_answer(
    outcome: Outcome, account: Stream[Account], *, status: int = 200
) -> Response[MemberResource]:
    """With the version of the workspace, whose part the member is."""
    members = f"/v1/workspaces/{outcome.stream.id}/members"
    return answer(
        MemberResource(
            account=account.id,
            full_name=account.state.full_name,
            username=account.state.username,
            email=account.state.email,
            role=outcome.stream.state.members[account.id],
            active=account.state.active,
        ),
        status=status,
        version=outcome.stream.version,
        position=outcome.position,
        location=f"{members}/{account.id}" if status == 201 else None,
        replayed=outcome.replayed,
    )


WORKSPACE_ROUTES: list[Any] = [
    create_workspace,
    edit_workspace,
    add_member,
    change_role,
    remove_member,
    leave_workspace,
]
WORKSPACE_COMMANDS = Router(path="/", route_handlers=WORKSPACE_ROUTES, tags=["workspaces"])
