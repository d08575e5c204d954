"""What each event does to the task that lists show."""

from datetime import date, timedelta

from events.base import Fact
from events.envelope import Erased
from events.ids import NUMBER_OFFSET, new_id
from events.tags import TagCreated, TagDeleted, TagRecoloured, TagRenamed
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEdited,
    TaskReopened,
    TaskRestored,
    TaskStarted,
    TaskTagged,
    TaskUnassigned,
    TaskUntagged,
)
from projections.tasks import TASKS, TagView, TaskView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

CREATED = TaskCreated(title="Write", description="the **report**", priority="high")


def task_after(*facts: Fact) -> TaskView:
    (task,) = fold_rows(TASKS, story(CREATED, *facts))["tasks"]
    assert isinstance(task, TaskView)
    return task


def test_a_created_task_is_to_be_done_and_numbered_by_its_position() -> None:
    (created,) = story(TaskCreated(title="Write", due_on=date(2026, 3, 9)), first=7)
    (task,) = fold_rows(TASKS, [created])["tasks"]
    assert task == TaskView(
        id=created.stream,
        workspace=WORKSPACE,
        number=NUMBER_OFFSET + 7,
        title="Write",
        description=None,
        status="todo",
        priority="medium",
        start_on=None,
        start_at=None,
        due_on=date(2026, 3, 9),
        due_at=None,
        notify_overdue=True,
        assignee=None,
        tags=(),
        created_by=ACTOR,
        created_at=NOON,
        updated_at=NOON,
        started_at=None,
        completed_at=None,
        deleted_at=None,
        version=1,
        position=7,
    )


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    task = task_after(TaskEdited(title="Rewrite", description=None))
    assert (task.title, task.description, task.priority) == ("Rewrite", None, "high")


def test_a_due_date_can_become_a_due_instant() -> None:
    task = task_after(TaskEdited(due_on=date(2026, 3, 9)), TaskEdited(due_on=None, due_at=NOON))
    assert (task.due_on, task.due_at) == (None, NOON)


def test_each_event_moves_version_position_and_time_of_change() -> None:
    task = task_after(TaskStarted(), TaskEdited(priority="low"))
    assert (task.version, task.position) == (3, 3)
    assert (task.created_at, task.updated_at) == (NOON, NOON + timedelta(hours=2))


def test_a_started_and_completed_task_keeps_both_moments() -> None:
    task = task_after(TaskStarted(), TaskCompleted())
    assert task.status == "completed"
    assert (task.started_at, task.completed_at) == (
        NOON + timedelta(hours=1),
        NOON + timedelta(hours=2),
    )


def test_a_reopened_task_has_neither_moment() -> None:
    task = task_after(TaskStarted(), TaskCompleted(), TaskReopened())
    assert (task.status, task.started_at, task.completed_at) == ("todo", None, None)


def test_an_assignee_comes_and_goes() -> None:
    somebody = new_id()
    assert task_after(TaskAssigned(assignee=somebody)).assignee == somebody
    unassigned = task_after(TaskAssigned(assignee=somebody), TaskUnassigned(assignee=somebody))
    assert unassigned.assignee is None


def test_tags_stand_in_the_order_in_which_they_were_added() -> None:
    first, second, third = new_id(), new_id(), new_id()
    tagged = [TaskTagged(tag=tag) for tag in (third, first, second)]
    assert task_after(*tagged).tags == (third, first, second)
    assert task_after(*tagged, TaskUntagged(tag=first)).tags == (third, second)


def test_a_deleted_task_keeps_its_row_until_it_is_restored() -> None:
    assert task_after(TaskDeleted()).deleted_at == NOON + timedelta(hours=1)
    assert task_after(TaskDeleted(), TaskRestored()).deleted_at is None


def test_a_task_whose_creation_was_erased_is_not_shown() -> None:
    assert fold_rows(TASKS, story(Erased("task.created"), TaskStarted()))["tasks"] == []


def test_an_erased_event_changes_nothing() -> None:
    known = story(CREATED, Erased("task.edited"))
    assert fold_rows(TASKS, known) == fold_rows(TASKS, known[:1])


def test_a_tag_is_a_name_and_a_colour_in_a_workspace() -> None:
    created, renamed, recoloured = story(
        TagCreated(workspace=WORKSPACE, name="home"),
        TagRenamed(name="house"),
        TagRecoloured(colour="#FF0000"),
    )
    (tag,) = fold_rows(TASKS, [created, renamed, recoloured])["tags"]
    assert isinstance(tag, TagView)
    assert (tag.id, tag.workspace, tag.version) == (created.stream, WORKSPACE, 3)
    assert (tag.name, tag.colour) == ("house", "#FF0000")


def test_a_deleted_tag_is_gone() -> None:
    events = story(TagCreated(workspace=WORKSPACE, name="home"), TagDeleted())
    assert fold_rows(TASKS, events)["tags"] == []
