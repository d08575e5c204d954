"""Workspaces, and who is a member of which."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from msgspec.structs import replace

from events.base import Role
from events.envelope import Recorded
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
from projections.table import Key, Projection, Row, Table, by_stream, opens_stream, topics_of


class WorkspaceView(Row, frozen=True):
    """`version` and `position` are those of the last event, a member's included."""

    id: UUID
    name: str
    time_zone: str
    personal: bool
    created_at: datetime
    created_by: UUID | None
    updated_at: datetime
    version: int
    position: int


class MemberView(Row, frozen=True):
    workspace: UUID
    account: UUID
    role: Role
    since: datetime
    position: int


def evolve_workspace(workspace: WorkspaceView | None, recorded: Recorded) -> WorkspaceView | None:
    fact, at = cast(WorkspaceEvent, recorded.fact), recorded.occurred_at
    if isinstance(fact, WorkspaceCreated):
        return WorkspaceView(
            id=recorded.stream,
            name=fact.name,
            time_zone=fact.time_zone,
            personal=fact.personal,
            created_at=at,
            created_by=recorded.actor,
            updated_at=at,
            version=recorded.version,
            position=recorded.position,
        )
    if workspace is None:
        return None
    moved = replace(workspace, updated_at=at, version=recorded.version, position=recorded.position)
    match fact:
        case WorkspaceRenamed():
            return replace(moved, name=fact.name)
        case TimeZoneChanged():
            return replace(moved, time_zone=fact.time_zone)
        case MemberAdded() | MemberRoleChanged() | MemberRemoved() | MemberLeft():
            return moved


def members_touched(recorded: Recorded) -> Sequence[Key]:
    fact = cast(WorkspaceEvent, recorded.fact)
    match fact:
        case WorkspaceCreated():
            return ((recorded.stream, fact.owner),)
        case MemberAdded() | MemberRoleChanged() | MemberRemoved() | MemberLeft():
            return ((recorded.stream, fact.account),)
        case WorkspaceRenamed() | TimeZoneChanged():
            return ()


def evolve_member(member: MemberView | None, recorded: Recorded) -> MemberView | None:
    fact = cast(WorkspaceEvent, recorded.fact)
    workspace, at, position = recorded.stream, recorded.occurred_at, recorded.position
    match fact:
        case WorkspaceCreated():
            return MemberView(workspace, fact.owner, "owner", at, position)
        case MemberAdded():
            return MemberView(workspace, fact.account, fact.role, at, position)
        case MemberRoleChanged():
            return replace(member, role=fact.role, position=position) if member else None
        case MemberRemoved() | MemberLeft():
            return None
        case WorkspaceRenamed() | TimeZoneChanged():
            return member


WORKSPACES = Projection(
    name="workspaces",
    version=1,
    tables=(
        Table(
            name="workspaces",
            row=WorkspaceView,
            key=("id",),
            topics=topics_of("workspace"),
            keys=by_stream,
            evolve=evolve_workspace,
            is_first=opens_stream,
        ),
        Table(
            name="members",
            row=MemberView,
            key=("workspace", "account"),
            topics=topics_of("workspace"),
            keys=members_touched,
            evolve=evolve_member,
            is_first=opens_stream,
            indexes=("(account, workspace)",),
        ),
    ),
)
