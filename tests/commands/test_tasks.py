"""The rules of a task."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest

from commands.catalog import DECIDERS
from commands.tagging import MAX_TAGS
from commands.tasks import (
    TASKS,
    ArrangeTags,
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    EditTask,
    MarkTask,
    ReopenTask,
    RestoreTask,
    RetagTask,
    StartTask,
    TagTask,
    TaskCommand,
    ToggleTask,
    TouchTask,
    UntagTask,
)
from events.base import Fact, Role
from events.refusals import Conflict, Invalid, NotFound
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
from tests.support.given import given

ME, COLLEAGUE, STRANGER, HOME, TASK, RED, BLUE = (uuid4() for _ in range(7))
MEMBERS: dict[UUID, Role] = {ME: "owner", COLLEAGUE: "member"}
CREATED = TaskCreated(title="Buy milk")
DAY, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 21)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def decided(command: TaskCommand, *facts: Fact) -> list[Fact]:
    return given(TASKS, list(facts)).when(command, ME, members=MEMBERS)


def test_a_task_is_created_with_what_it_was_given() -> None:
    command = CreateTask(
        stream=TASK, workspace=HOME, title="Buy milk", priority="high", due=DAY, start=NOON
    )
    assert decided(command) == [
        TaskCreated(title="Buy milk", priority="high", due_on=DAY, start_at=NOON)
    ]


def test_a_task_can_be_created_in_progress_assigned_and_tagged() -> None:
    command = CreateTask(
        stream=TASK,
        workspace=HOME,
        title="Buy milk",
        status="in_progress",
        assignee=COLLEAGUE,
        tags=(RED, BLUE, RED),
    )
    assert decided(command) == [
        CREATED,
        TaskStarted(),
        TaskAssigned(assignee=COLLEAGUE),
        TaskTagged(tag=RED),
        TaskTagged(tag=BLUE),
    ]


def test_an_id_is_used_once() -> None:
    with pytest.raises(Conflict):
        decided(CreateTask(stream=TASK, workspace=HOME, title="Again"), CREATED)


def test_a_task_does_not_start_after_it_is_due() -> None:
    with pytest.raises(Invalid) as refusal:
        decided(CreateTask(stream=TASK, workspace=HOME, title="x", start=NEXT_DAY, due=DAY))
    assert refusal.value.field == "start"


def test_of_start_and_due_moment_the_one_that_was_moved_is_at_fault() -> None:
    before = TaskCreated(title="x", start_on=DAY, due_on=DAY)
    late = EditTask(stream=TASK, start=NEXT_DAY)
    early = EditTask(stream=TASK, due=DAY - timedelta(1))
    for field, edit in (("start", late), ("due", early)):
        with pytest.raises(Invalid) as refusal:
            decided(edit, before)
        assert (refusal.value.code, refusal.value.field) == ("start-after-due", field)


def test_a_task_that_moved_in_with_its_moments_the_wrong_way_round_is_edited_otherwise() -> None:
    before = TaskCreated(title="x", start_on=NEXT_DAY, due_on=DAY)
    assert decided(EditTask(stream=TASK, title="y"), before) == [TaskEdited(title="y")]
    assert decided(EditTask(stream=TASK, start=DAY), before) == [
        TaskEdited(start_on=DAY, start_at=None)
    ]


def test_an_edit_records_only_what_changes() -> None:
    command = EditTask(stream=TASK, title="Buy oat milk", priority="medium", description=None)
    assert decided(command, CREATED) == [TaskEdited(title="Buy oat milk")]


def test_an_edit_that_changes_nothing_appends_nothing() -> None:
    assert decided(EditTask(stream=TASK, title="Buy milk", due=None), CREATED) == []


def test_an_edit_clears_with_none() -> None:
    before = TaskCreated(title="Buy milk", description="semi-skimmed", due_on=DAY)
    after = TaskEdited(description=None, due_on=None, due_at=None)
    assert decided(EditTask(stream=TASK, description=None, due=None), before) == [after]


def test_a_due_date_may_become_an_instant() -> None:
    before = TaskCreated(title="Buy milk", due_on=DAY)
    edited = TaskEdited(due_on=None, due_at=NOON)
    assert decided(EditTask(stream=TASK, due=NOON), before) == [edited]
    state = given(TASKS, [before, edited]).state
    assert (state.due_on, state.due_at) == (None, NOON)


def test_moving_the_due_date_before_the_start_is_refused() -> None:
    with pytest.raises(Invalid):
        decided(EditTask(stream=TASK, due=DAY), TaskCreated(title="x", start_on=NEXT_DAY))


def test_a_task_is_started_completed_and_reopened() -> None:
    assert decided(StartTask(stream=TASK), CREATED) == [TaskStarted()]
    assert decided(CompleteTask(stream=TASK), CREATED) == [TaskCompleted()]
    assert decided(ReopenTask(stream=TASK), CREATED, TaskCompleted()) == [TaskReopened()]


def test_a_toggled_task_is_completed_and_then_open_again() -> None:
    toggle = ToggleTask(stream=TASK)
    assert decided(toggle, CREATED) == [TaskCompleted()]
    assert decided(toggle, CREATED, TaskStarted()) == [TaskCompleted()]
    assert decided(toggle, CREATED, TaskCompleted()) == [TaskReopened()]


def test_a_check_box_leaves_what_is_in_progress() -> None:
    done, open_ = (MarkTask(stream=TASK, completed=completed) for completed in (True, False))
    assert decided(done, CREATED, TaskStarted()) == [TaskCompleted()]
    assert decided(done, CREATED, TaskCompleted()) == []
    assert decided(open_, CREATED, TaskCompleted()) == [TaskReopened()]
    assert decided(open_, CREATED, TaskStarted()) == []


def test_a_touched_task_is_as_it_was_but_for_its_last_change() -> None:
    facts = decided(TouchTask(stream=TASK), CREATED, TaskStarted())
    assert facts == [TaskEdited()]
    before, after = (given(TASKS, [CREATED, *more]).state for more in ([], facts))
    assert before == after


def test_starting_a_completed_task_reopens_it_first() -> None:
    assert decided(StartTask(stream=TASK), CREATED, TaskCompleted()) == [
        TaskReopened(),
        TaskStarted(),
    ]


def test_a_status_reached_already_changes_nothing() -> None:
    assert decided(ReopenTask(stream=TASK), CREATED) == []
    assert decided(StartTask(stream=TASK), CREATED, TaskStarted()) == []
    assert decided(CompleteTask(stream=TASK), CREATED, TaskCompleted()) == []


def test_reopening_forgets_when_work_began_and_ended() -> None:
    state = given(TASKS, [CREATED, TaskStarted(), TaskCompleted(), TaskReopened()]).state
    assert (state.status, state.started_at, state.completed_at) == ("todo", None, None)


def test_a_task_is_assigned_to_a_member_only() -> None:
    assign = AssignTask(stream=TASK, assignee=COLLEAGUE)
    assert decided(assign, CREATED) == [TaskAssigned(assignee=COLLEAGUE)]
    with pytest.raises(Invalid) as refusal:
        decided(AssignTask(stream=TASK, assignee=STRANGER), CREATED)
    assert refusal.value.code == "assignee-not-a-member"
    assert decided(assign, CREATED, TaskAssigned(assignee=COLLEAGUE)) == []


def test_a_task_is_unassigned_once() -> None:
    nobody = AssignTask(stream=TASK, assignee=None)
    assigned = TaskAssigned(assignee=COLLEAGUE)
    assert decided(nobody, CREATED, assigned) == [TaskUnassigned(assignee=COLLEAGUE)]
    assert decided(nobody, CREATED) == []


def test_a_tag_is_put_on_and_taken_off_once() -> None:
    tagged = TaskTagged(tag=RED)
    assert decided(TagTask(stream=TASK, tag=RED), CREATED) == [tagged]
    assert decided(TagTask(stream=TASK, tag=RED), CREATED, tagged) == []
    assert decided(UntagTask(stream=TASK, tag=RED), CREATED, tagged) == [TaskUntagged(tag=RED)]
    assert decided(UntagTask(stream=TASK, tag=RED), CREATED) == []


def test_tags_are_replaced_by_their_difference() -> None:
    command = RetagTask(stream=TASK, tags=(BLUE,))
    assert decided(command, CREATED, TaskTagged(tag=RED)) == [
        TaskUntagged(tag=RED),
        TaskTagged(tag=BLUE),
    ]
    assert decided(command, CREATED, TaskTagged(tag=BLUE)) == []


A, B, C, D = (uuid4() for _ in range(4))


@pytest.mark.parametrize(
    ("before", "wanted", "gone", "added"),
    [
        ([], [A, B, A], [], [A, B, A]),
        ([A, B], [A, B, C], [], [C]),
        ([A, B, C], [A, C], [B], []),
        ([A, B, C], [A, C, D], [B], [D]),
        ([A, B], [B, A], [A, B], [B, A]),
        ([A, B, A], [A, B], [A, B], [A, B]),
        ([A, B, C], [A, C, B], [B, C], [C, B]),
        ([A, B, A], [], [A, B], []),
        ([A, B, A], [A, B, A], [], []),
    ],
)
def test_tags_are_arranged_by_what_does_not_stand_as_it_should(
    before: list[UUID], wanted: list[UUID], gone: list[UUID], added: list[UUID]
) -> None:
    tagged: list[Fact] = [CREATED, *(TaskTagged(tag=tag) for tag in before)]
    facts = decided(ArrangeTags(stream=TASK, tags=tuple(wanted)), *tagged)
    assert facts == [
        *(TaskUntagged(tag=tag) for tag in gone),
        *(TaskTagged(tag=tag) for tag in added),
    ]
    assert given(TASKS, [*tagged, *facts]).state.tags == tuple(wanted)


def test_a_tag_that_stands_there_twice_can_be_taken_off_once() -> None:
    tagged: list[Fact] = [CREATED, *(TaskTagged(tag=tag) for tag in (A, B, A))]
    facts = decided(UntagTask(stream=TASK, tag=A, once=True), *tagged)
    assert given(TASKS, [*tagged, *facts]).state.tags == (B, A)
    assert decided(UntagTask(stream=TASK, tag=A), *tagged) == [TaskUntagged(tag=A)]


@pytest.mark.parametrize("command", [RetagTask, ArrangeTags])
def test_a_task_has_a_bounded_number_of_tags(command: type[RetagTask | ArrangeTags]) -> None:
    with pytest.raises(Invalid) as refusal:
        decided(command(stream=TASK, tags=tuple(uuid4() for _ in range(MAX_TAGS + 1))), CREATED)
    assert refusal.value.code == "too-many-tags"


def test_a_task_that_was_imported_with_more_tags_can_lose_them() -> None:
    tags = [uuid4() for _ in range(MAX_TAGS + 2)]
    tagged: list[Fact] = [CREATED, *(TaskTagged(tag=tag) for tag in tags)]
    untag = UntagTask(stream=TASK, tag=tags[-1], once=True)
    assert decided(untag, *tagged) == [TaskUntagged(tag=tags[-1])]
    with pytest.raises(Invalid):
        decided(TagTask(stream=TASK, tag=RED), *tagged)


def test_a_deleted_task_can_only_be_restored() -> None:
    deleted = [CREATED, TaskDeleted()]
    for command in (
        EditTask(stream=TASK, title="x"),
        CompleteTask(stream=TASK),
        ToggleTask(stream=TASK),
        AssignTask(stream=TASK, assignee=COLLEAGUE),
        DeleteTask(stream=TASK),
    ):
        with pytest.raises(NotFound):
            decided(command, *deleted)
    assert decided(RestoreTask(stream=TASK), *deleted) == [TaskRestored()]
    assert decided(RestoreTask(stream=TASK), CREATED) == []


def test_nothing_can_be_done_to_a_task_that_never_was() -> None:
    with pytest.raises(NotFound):
        decided(CompleteTask(stream=TASK))


def test_every_task_command_has_its_decider_and_its_role() -> None:
    for command in get_args(TaskCommand):
        assert DECIDERS[command] is TASKS
        assert command in TASKS.roles
