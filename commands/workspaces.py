"""What may be done to a workspace and its members."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

import msgspec

from commands.base import RANK, Command, Context, Decider
from events.base import Fact, Role
from events.refusals import Conflict, Forbidden, NotFound
from events.workspaces import (
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    TimeZoneChanged,
    WorkspaceCreated,
    WorkspaceEvent,
    WorkspaceRenamed,
)
from events.zones import known_zone

MAX_MEMBERS = 1_000


class CreateWorkspace(Command, frozen=True, kw_only=True):
    owner: UUID
    name: str
    time_zone: str = "UTC"
    personal: bool = False


class RenameWorkspace(Command, frozen=True, kw_only=True):
    name: str


class ChangeTimeZone(Command, frozen=True, kw_only=True):
    time_zone: str


class AddMember(Command, frozen=True, kw_only=True):
    account: UUID
    role: Role = "member"


class ChangeRole(Command, frozen=True, kw_only=True):
    account: UUID
    role: Role


class RemoveMember(Command, frozen=True, kw_only=True):
    account: UUID


class LeaveWorkspace(Command, frozen=True):
    pass


WorkspaceCommand = (
    CreateWorkspace
    | RenameWorkspace
    | ChangeTimeZone
    | AddMember
    | ChangeRole
    | RemoveMember
    | LeaveWorkspace
)


class Workspace(msgspec.Struct, frozen=True):
    name: str = ""
    time_zone: str = "UTC"
    personal: bool = False
    members: Mapping[UUID, Role] = {}


def evolve(state: Workspace, event: WorkspaceEvent, at: datetime) -> Workspace:
    match event:
        case WorkspaceCreated():
            return Workspace(event.name, event.time_zone, event.personal, {event.owner: "owner"})
        case WorkspaceRenamed():
            return msgspec.structs.replace(state, name=event.name)
        case TimeZoneChanged():
            return msgspec.structs.replace(state, time_zone=event.time_zone)
        case MemberAdded() | MemberRoleChanged():
            return _with_members(state, {**state.members, event.account: event.role})
        case MemberRemoved() | MemberLeft():
            rest = {id: role for id, role in state.members.items() if id != event.account}
            return _with_members(state, rest)
        case _:
            assert_never(event)


def decide(command: WorkspaceCommand, state: Workspace, context: Context) -> Sequence[Fact]:
    """The handler has seen to it that the caller is a member with the role in `_ROLES`."""
    match command:
        case CreateWorkspace():
            return create(command, state, context)
        case RenameWorkspace():
            return [] if command.name == state.name else [WorkspaceRenamed(name=command.name)]
        case ChangeTimeZone():
            return change_time_zone(command.time_zone, state)
        case AddMember():
            return add(command, state, _role_of(context))
        case ChangeRole():
            return change_role(command, state, context)
        case RemoveMember():
            return remove(command.account, state, context)
        case LeaveWorkspace():
            return leave(state, context)


def create(command: CreateWorkspace, state: Workspace, context: Context) -> Sequence[Fact]:
    if context.caller.account != command.owner:
        raise Forbidden("a workspace begins with its creator as owner", field="owner")
    if state.members:
        raise Conflict("a workspace with this id exists already", code="exists", field="id")
    return [
        WorkspaceCreated(
            name=command.name,
            time_zone=known_zone(command.time_zone, "time_zone"),
            owner=command.owner,
            personal=command.personal,
        )
    ]


def change_time_zone(time_zone: str, state: Workspace) -> Sequence[Fact]:
    changed = known_zone(time_zone, "time_zone") != state.time_zone
    return [TimeZoneChanged(time_zone=time_zone)] if changed else []


def add(command: AddMember, state: Workspace, role: Role) -> Sequence[Fact]:
    if state.personal:
        raise Conflict(
            "a personal workspace is its owner's alone; create a workspace to share",
            code="personal-workspace",
        )
    _check_may_set(role, command.role)
    if command.account in state.members:
        raise Conflict("this account is a member already", code="already-a-member", field="account")
    if len(state.members) >= MAX_MEMBERS:
        raise Conflict(f"a workspace has at most {MAX_MEMBERS} members", code="workspace-full")
    return [MemberAdded(account=command.account, role=command.role)]


def change_role(command: ChangeRole, state: Workspace, context: Context) -> Sequence[Fact]:
    before = _member(state, command.account)
    if command.role == before:
        return []
    stepping_down = command.account == context.caller.account and RANK[command.role] < RANK[before]
    if not stepping_down:
        _check_may_set(_role_of(context), before)
        _check_may_set(_role_of(context), command.role)
    _check_not_last_owner(state, command.account)
    return [MemberRoleChanged(account=command.account, role=command.role)]


def remove(account: UUID, state: Workspace, context: Context) -> Sequence[Fact]:
    if account == context.caller.account:
        return leave(state, context)
    _check_may_set(_role_of(context), _member(state, account))
    return [MemberRemoved(account=account)]


def leave(state: Workspace, context: Context) -> Sequence[Fact]:
    account = context.caller.account
    assert account is not None, "only a member gets here"
    _check_not_last_owner(state, account)
    return [MemberLeft(account=account)]


def _role_of(context: Context) -> Role:
    assert context.caller.account is not None, "only a member gets here"
    return context.members[context.caller.account]


def _member(state: Workspace, account: UUID) -> Role:
    if account not in state.members:
        raise NotFound("this account is not a member of the workspace", field="account")
    return state.members[account]


def _check_may_set(role: Role, other: Role) -> None:
    if RANK[other] >= RANK["admin"] and role != "owner":
        raise Forbidden(f"only an owner makes, changes or removes an {other}", field="role")


def _check_not_last_owner(state: Workspace, account: UUID) -> None:
    owners = [id for id, role in state.members.items() if role == "owner"]
    if owners == [account]:
        raise Conflict(
            "the last owner stays; make another member an owner first", code="last-owner"
        )


def _with_members(state: Workspace, members: Mapping[UUID, Role]) -> Workspace:
    return msgspec.structs.replace(state, members=members)


_ROLES: dict[type[Command], Role] = {
    RenameWorkspace: "admin",
    ChangeTimeZone: "admin",
    AddMember: "admin",
    ChangeRole: "admin",
    RemoveMember: "admin",
    LeaveWorkspace: "viewer",
}

WORKSPACES = Decider(
    noun="workspace",
    initial=Workspace(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.stream,
    roles=_ROLES,
)
