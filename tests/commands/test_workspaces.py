"""The rules of a workspace and its members."""

from uuid import UUID, uuid4

import pytest

from commands.base import Command, permit
from commands.workspaces import (
    MAX_MEMBERS,
    WORKSPACES,
    AddMember,
    ChangeRole,
    ChangeTimeZone,
    CreateWorkspace,
    LeaveWorkspace,
    RemoveMember,
    RenameWorkspace,
)
from events.base import Fact, Role
from events.envelope import Caller
from events.refusals import Conflict, Forbidden, Invalid, NotFound
from events.workspaces import (
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    TimeZoneChanged,
    WorkspaceCreated,
    WorkspaceRenamed,
)
from tests.support.given import given

OWNER, ADMIN, MEMBER, VIEWER, NEWCOMER = (uuid4() for _ in range(5))
HOME = uuid4()
CREATED = WorkspaceCreated(name="Home", time_zone="UTC", owner=OWNER)
TEAM: list[Fact] = [
    CREATED,
    MemberAdded(account=ADMIN, role="admin"),
    MemberAdded(account=MEMBER, role="member"),
    MemberAdded(account=VIEWER, role="viewer"),
]
TWO_OWNERS: list[Fact] = [*TEAM, MemberRoleChanged(account=ADMIN, role="owner")]


def decided(command: Command, by: UUID, facts: list[Fact] | None = None) -> list[Fact]:
    """As the handler does it: the role in the table first, then the decision."""
    workspace = given(WORKSPACES, TEAM if facts is None else facts)
    members = workspace.state.members
    permit(members, Caller(account=by), WORKSPACES.roles[type(command)])
    return workspace.when(command, by, members=members)


def test_whoever_creates_a_workspace_owns_it() -> None:
    command = CreateWorkspace(stream=HOME, owner=OWNER, name="Home")
    assert given(WORKSPACES).when(command, OWNER) == [CREATED]
    assert given(WORKSPACES, [CREATED]).state.members == {OWNER: "owner"}


def test_nobody_creates_a_workspace_for_somebody_else() -> None:
    with pytest.raises(Forbidden):
        given(WORKSPACES).when(CreateWorkspace(stream=HOME, owner=OWNER, name="x"), MEMBER)


def test_a_workspace_is_created_once() -> None:
    with pytest.raises(Conflict):
        given(WORKSPACES, TEAM).when(CreateWorkspace(stream=HOME, owner=OWNER, name="x"), OWNER)


def test_an_admin_renames_and_a_member_does_not() -> None:
    command = RenameWorkspace(stream=HOME, name="Office")
    assert decided(command, ADMIN) == [WorkspaceRenamed(name="Office")]
    with pytest.raises(Forbidden):
        decided(command, MEMBER)
    assert decided(RenameWorkspace(stream=HOME, name="Home"), ADMIN) == []


def test_a_time_zone_must_be_one() -> None:
    rome = ChangeTimeZone(stream=HOME, time_zone="Europe/Rome")
    assert decided(rome, OWNER) == [TimeZoneChanged(time_zone="Europe/Rome")]
    assert decided(ChangeTimeZone(stream=HOME, time_zone="UTC"), OWNER) == []
    for zone in ("Mars/Olympus", "", "../etc/passwd", "Factory", "localtime", "europe/rome"):
        with pytest.raises(Invalid) as refused:
            decided(ChangeTimeZone(stream=HOME, time_zone=zone), OWNER)
        assert refused.value.field == "time_zone"


def test_a_stranger_does_not_learn_that_there_is_a_workspace() -> None:
    for command in (RenameWorkspace(stream=HOME, name="x"), LeaveWorkspace(stream=HOME)):
        with pytest.raises(NotFound):
            decided(command, NEWCOMER)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_an_admin_adds_members(role: Role) -> None:
    command = AddMember(stream=HOME, account=NEWCOMER, role=role)
    assert decided(command, ADMIN) == [MemberAdded(account=NEWCOMER, role=role)]
    with pytest.raises(Forbidden):
        decided(command, MEMBER)


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_only_an_owner_adds_admins_and_owners(role: Role) -> None:
    command = AddMember(stream=HOME, account=NEWCOMER, role=role)
    assert decided(command, OWNER) == [MemberAdded(account=NEWCOMER, role=role)]
    with pytest.raises(Forbidden):
        decided(command, ADMIN)


def test_a_member_is_not_added_twice() -> None:
    for role in ("viewer", "member"):
        with pytest.raises(Conflict) as refused:
            decided(AddMember(stream=HOME, account=VIEWER, role=role), OWNER)
        assert refused.value.code == "already-a-member"


def test_a_personal_workspace_stays_its_owners_alone() -> None:
    personal: list[Fact] = [
        WorkspaceCreated(name="Mine", time_zone="UTC", owner=OWNER, personal=True)
    ]
    with pytest.raises(Conflict) as refused:
        decided(AddMember(stream=HOME, account=NEWCOMER), OWNER, personal)
    assert refused.value.code == "personal-workspace"


def test_a_workspace_has_room_for_so_many_and_no_more() -> None:
    crowd = [MemberAdded(account=uuid4(), role="viewer") for _ in range(MAX_MEMBERS - 1)]
    with pytest.raises(Conflict) as refused:
        decided(AddMember(stream=HOME, account=NEWCOMER), OWNER, [CREATED, *crowd])
    assert refused.value.code == "workspace-full"
    assert decided(AddMember(stream=HOME, account=NEWCOMER), OWNER, [CREATED, *crowd[1:]])


def test_an_admin_moves_members_and_viewers() -> None:
    command = ChangeRole(stream=HOME, account=VIEWER, role="member")
    assert decided(command, ADMIN) == [MemberRoleChanged(account=VIEWER, role="member")]
    assert decided(ChangeRole(stream=HOME, account=VIEWER, role="viewer"), ADMIN) == []
    for nobody in (MEMBER, VIEWER):
        with pytest.raises(Forbidden):
            decided(command, nobody)


def test_only_an_owner_makes_and_unmakes_admins_and_owners() -> None:
    for command in (
        ChangeRole(stream=HOME, account=MEMBER, role="admin"),
        ChangeRole(stream=HOME, account=MEMBER, role="owner"),
        ChangeRole(stream=HOME, account=OWNER, role="member"),
    ):
        with pytest.raises(Forbidden):
            decided(command, ADMIN)
    promoted = ChangeRole(stream=HOME, account=MEMBER, role="owner")
    assert decided(promoted, OWNER) == [MemberRoleChanged(account=MEMBER, role="owner")]


def test_an_admin_may_step_down_but_not_up() -> None:
    down = ChangeRole(stream=HOME, account=ADMIN, role="member")
    assert decided(down, ADMIN) == [MemberRoleChanged(account=ADMIN, role="member")]
    with pytest.raises(Forbidden):
        decided(ChangeRole(stream=HOME, account=ADMIN, role="owner"), ADMIN)


def test_the_role_of_a_stranger_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        decided(ChangeRole(stream=HOME, account=NEWCOMER, role="member"), OWNER)
    with pytest.raises(NotFound):
        decided(RemoveMember(stream=HOME, account=NEWCOMER), OWNER)


def test_an_admin_removes_members_but_neither_admins_nor_owners() -> None:
    removed = decided(RemoveMember(stream=HOME, account=MEMBER), ADMIN)
    assert removed == [MemberRemoved(account=MEMBER)]
    assert MEMBER not in given(WORKSPACES, [*TEAM, *removed]).state.members
    with pytest.raises(Forbidden):
        decided(RemoveMember(stream=HOME, account=OWNER), ADMIN)
    with pytest.raises(Forbidden):
        decided(RemoveMember(stream=HOME, account=VIEWER), MEMBER)
    removed = decided(RemoveMember(stream=HOME, account=ADMIN), OWNER)
    assert removed == [MemberRemoved(account=ADMIN)]


def test_anybody_may_leave_but_the_last_owner() -> None:
    for account in (ADMIN, MEMBER, VIEWER):
        assert decided(LeaveWorkspace(stream=HOME), account) == [MemberLeft(account=account)]
    assert decided(LeaveWorkspace(stream=HOME), OWNER, TWO_OWNERS) == [MemberLeft(account=OWNER)]
    with pytest.raises(Conflict) as refused:
        decided(LeaveWorkspace(stream=HOME), OWNER)
    assert refused.value.code == "last-owner"


def test_the_last_owner_cannot_be_removed_or_demoted() -> None:
    demoting = ChangeRole(stream=HOME, account=OWNER, role="admin")
    for command in (demoting, RemoveMember(stream=HOME, account=OWNER)):
        with pytest.raises(Conflict) as refused:
            decided(command, OWNER)
        assert refused.value.code == "last-owner"
    assert decided(demoting, ADMIN, TWO_OWNERS) == [MemberRoleChanged(account=OWNER, role="admin")]
