"""What each event does to a workspace and its members."""

from datetime import timedelta
from uuid import UUID

from events.base import Fact
from events.envelope import Erased
from events.ids import new_id
from events.workspaces import (
    MemberAdded,
    MemberLeft,
    MemberRemoved,
    MemberRoleChanged,
    TimeZoneChanged,
    WorkspaceCreated,
    WorkspaceRenamed,
)
from projections.workspaces import WORKSPACES, MemberView, WorkspaceView
from tests.support.projections import ACTOR, NOON, fold_rows, story

OWNER, OTHER = new_id(), new_id()
CREATED = WorkspaceCreated(name="Home", time_zone="Europe/Berlin", owner=OWNER)


def workspace_after(*facts: Fact) -> WorkspaceView:
    (workspace,) = fold_rows(WORKSPACES, story(CREATED, *facts))["workspaces"]
    assert isinstance(workspace, WorkspaceView)
    return workspace


def roles_after(*facts: Fact) -> dict[UUID, str]:
    members = fold_rows(WORKSPACES, story(CREATED, *facts))["members"]
    return {member.account: member.role for member in members}


def test_a_workspace_is_shown_as_it_was_created() -> None:
    workspace = workspace_after()
    assert (workspace.name, workspace.time_zone, workspace.personal) == (
        "Home",
        "Europe/Berlin",
        False,
    )
    assert (workspace.created_by, workspace.created_at) == (ACTOR, NOON)


def test_a_name_and_a_time_zone_can_change() -> None:
    workspace = workspace_after(WorkspaceRenamed(name="Work"), TimeZoneChanged(time_zone="UTC"))
    assert (workspace.name, workspace.time_zone, workspace.version) == ("Work", "UTC", 3)


def test_a_change_of_members_is_a_version_of_the_workspace() -> None:
    workspace = workspace_after(MemberAdded(account=OTHER, role="viewer"))
    assert (workspace.version, workspace.updated_at) == (2, NOON + timedelta(hours=1))


def test_the_first_member_is_the_owner() -> None:
    (member,) = fold_rows(WORKSPACES, story(CREATED))["members"]
    assert isinstance(member, MemberView)
    assert (member.account, member.role, member.since) == (OWNER, "owner", NOON)


def test_members_come_and_change_and_go() -> None:
    added = MemberAdded(account=OTHER, role="viewer")
    assert roles_after(added) == {OWNER: "owner", OTHER: "viewer"}
    promoted = MemberRoleChanged(account=OTHER, role="admin")
    assert roles_after(added, promoted)[OTHER] == "admin"
    assert roles_after(added, MemberRemoved(account=OTHER)) == {OWNER: "owner"}
    assert roles_after(added, MemberLeft(account=OTHER)) == {OWNER: "owner"}


def test_a_member_since_the_last_time_they_came() -> None:
    events = story(
        CREATED,
        MemberAdded(account=OTHER, role="viewer"),
        MemberLeft(account=OTHER),
        MemberAdded(account=OTHER, role="member"),
    )
    members = {member.account: member for member in fold_rows(WORKSPACES, events)["members"]}
    assert members[OTHER].since == NOON + timedelta(hours=3)


def test_an_erased_workspace_has_no_members() -> None:
    assert fold_rows(WORKSPACES, story(Erased("workspace.created")))["members"] == []
