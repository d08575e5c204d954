"""When is it announced that a task fell overdue, and to whom?"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from commands.base import Stream
from commands.overdue import OVERDUE, AnnounceOverdue, announcement_of
from commands.state_of_tasks import Task
from commands.workspaces import Workspace
from events.base import Fact
from events.ids import new_id
from events.tasks import TaskFellOverdue
from tests.support.given import NOW, given

ADA, EVE, HOME, TASK = new_id(), new_id(), new_id(), new_id()
LATE = NOW - timedelta(minutes=1)


def when(
    *before: Fact,
    due_on: date | None = None,
    due_at: datetime | None = None,
    zone: str = "UTC",
    owner: UUID = HOME,
    **task: Any,
) -> list[Fact]:
    """Announcing that moment of a task that Ada created; `task` is what else is known of it."""
    state = Task(**{"exists": True, "due_on": due_on, "due_at": due_at, **task})
    workspace = Workspace("Home", zone, False, {ADA: "owner", EVE: "member"})
    related: dict[UUID, Stream[Any]] = {
        TASK: Stream(id=TASK, state=state, version=1, owner=owner, created_by=ADA),
        HOME: Stream(id=HOME, state=workspace, version=1, owner=HOME, created_by=ADA),
    }
    stream = announcement_of(TASK, due_on, due_at)
    command = AnnounceOverdue(
        stream=stream, workspace=HOME, task=TASK, due_on=due_on, due_at=due_at
    )
    return given(OVERDUE, before).when(command, None, related=related)


def announced(*audience: UUID, **due: Any) -> list[Fact]:
    return [TaskFellOverdue(task=TASK, audience=audience, **(due or {"due_at": LATE}))]


def test_what_passed_its_moment_is_announced_to_its_creator() -> None:
    assert when(due_at=LATE) == announced(ADA)


def test_it_is_announced_to_the_assignee_where_there_is_one() -> None:
    assert when(due_at=LATE, assignee=EVE) == announced(EVE)


def test_who_left_is_not_told() -> None:
    assert when(due_at=LATE, assignee=new_id()) == announced()


def test_a_task_that_shall_not_notify_is_announced_to_nobody() -> None:
    assert when(due_at=LATE, notify_overdue=False) == announced()


def test_the_same_moment_is_announced_once() -> None:
    assert when(*announced(ADA), due_at=LATE) == []


def test_what_is_completed_or_deleted_first_is_left_alone() -> None:
    assert when(due_at=LATE, status="completed") == []
    assert when(due_at=LATE, deleted_at=NOW) == []


def test_what_moves_first_is_left_alone() -> None:
    state = {"due_at": NOW + timedelta(days=1)}
    moved = Task(exists=True, **state)  # type: ignore[arg-type]
    related: dict[UUID, Stream[Any]] = {
        TASK: Stream(id=TASK, state=moved, version=2, owner=HOME, created_by=ADA),
        HOME: Stream(id=HOME, state=Workspace("Home", "UTC"), version=1, owner=HOME),
    }
    command = AnnounceOverdue(
        stream=announcement_of(TASK, None, LATE), workspace=HOME, task=TASK, due_at=LATE
    )
    assert given(OVERDUE).when(command, None, related=related) == []


def test_nothing_is_overdue_before_its_moment() -> None:
    assert when(due_at=NOW) == []
    assert when(due_at=NOW + timedelta(seconds=1)) == []


def test_a_due_date_ends_with_its_day_in_the_workspaces_zone() -> None:
    """It is noon of the 20th in UTC: past midnight of the 21st in Auckland."""
    today = date(2026, 11, 20)
    assert when(due_on=today) == []
    assert when(due_on=today, zone="Pacific/Auckland") == announced(ADA, due_on=today)
    assert when(due_on=date(2026, 11, 19)) == announced(ADA, due_on=date(2026, 11, 19))
    assert datetime(2026, 11, 20, 12, tzinfo=UTC) == NOW


def test_a_task_elsewhere_is_nothing_to_this_workspace() -> None:
    assert when(due_at=LATE, owner=new_id()) == []


def test_each_moment_of_a_task_has_a_stream_of_its_own() -> None:
    moments = [(None, LATE), (None, NOW), (NOW.date(), None)]
    assert len({announcement_of(TASK, *moment) for moment in moments}) == 3
    assert announcement_of(TASK, None, LATE) == announcement_of(TASK, None, LATE)
