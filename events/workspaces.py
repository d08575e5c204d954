"""What can happen to a workspace and its members."""

from uuid import UUID

from events.base import Fact, Role


class WorkspaceCreated(Fact, frozen=True):
    """The one who creates it is its first owner."""

    name: str
    time_zone: str
    owner: UUID
    personal: bool = False


class WorkspaceRenamed(Fact, frozen=True):
    name: str


class TimeZoneChanged(Fact, frozen=True):
    time_zone: str


class MemberAdded(Fact, frozen=True):
    account: UUID
    role: Role


class MemberRoleChanged(Fact, frozen=True):
    account: UUID
    role: Role


class MemberRemoved(Fact, frozen=True):
    account: UUID


class MemberLeft(Fact, frozen=True):
    account: UUID


WorkspaceEvent = (
    WorkspaceCreated
    | WorkspaceRenamed
    | TimeZoneChanged
    | MemberAdded
    | MemberRoleChanged
    | MemberRemoved
    | MemberLeft
)
