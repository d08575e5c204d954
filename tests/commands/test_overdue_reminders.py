"""Who is told that a task is overdue when a member asks for it?"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from commands.base import Stream
from commands.overdue import OVERDUE, RemindOfOverdue
from commands.state_of_tasks import Task
from commands.workspaces import Workspace
from events.base import Fact
from events.ids import new_id
from events.refusals import Conflict, NotFound
from events.tasks import TaskFellOverdue
from tests.support.given import NOW, given

ADA, EVE, GONE, HOME, TASK = new_id(), new_id(), new_id(), new_id(), new_id()
LATE = NOW - timedelta(minutes=1)


def reminding(
    *, owner: UUID = HOME, creator: UUID = ADA, due_at: datetime | None = LATE, **task: Any
) -> list[Fact]:
    """Eve asks, of a task that is late unless something else is said."""
    state = Task(**{"exists": True, "due_at": due_at, **task})
    workspace = Workspace("Home", "UTC", False, {ADA: "owner", EVE: "member"})
    related: dict[UUID, Stream[Any]] = {
        TASK: Stream(id=TASK, state=state, version=1, owner=owner, created_by=creator),
        HOME: Stream(id=HOME, state=workspace, version=1, owner=HOME, created_by=ADA),
    }
    command = RemindOfOverdue(stream=new_id(), workspace=HOME, task=TASK)
    return given(OVERDUE).when(command, EVE, related=related)


def told(account: UUID) -> list[Fact]:
    return [TaskFellOverdue(task=TASK, due_at=LATE, audience=(account,))]


def test_the_assignee_is_told_else_the_creator_else_who_asks() -> None:
    assert reminding(assignee=EVE) == told(EVE)
    assert reminding() == told(ADA)
    assert reminding(assignee=GONE) == told(ADA)
    assert reminding(creator=GONE) == told(EVE)


def test_it_needs_no_wish_to_be_told() -> None:
    assert reminding(notify_overdue=False) == told(ADA)


@pytest.mark.parametrize(
    "fields", [{"due_at": None}, {"due_at": NOW + timedelta(days=1)}, {"status": "completed"}]
)
def test_only_what_is_overdue_is_told_of(fields: dict[str, Any]) -> None:
    with pytest.raises(Conflict, match="not overdue"):
        reminding(**fields)


def test_a_task_elsewhere_or_deleted_is_not_there() -> None:
    for fields in ({"owner": new_id()}, {"deleted_at": NOW}, {"exists": False}):
        with pytest.raises(NotFound):
            reminding(**fields)
