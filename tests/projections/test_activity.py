"""What a line of activity says, and what it keeps to itself."""

from events.accounts import AccountRegistered
from events.base import Fact
from events.ids import new_id
from events.tasks import TaskAssigned, TaskCreated, TaskEdited, TaskFellOverdue, TaskTagged
from events.workspaces import MemberAdded
from projections.activity import ACTIVITY, ActivityView
from tests.support.projections import ACTOR, WORKSPACE, fold_rows, story


def line_of(fact: Fact) -> ActivityView:
    (line,) = fold_rows(ACTIVITY, story(fact))["activity"]
    assert isinstance(line, ActivityView)
    return line


def test_each_event_of_a_workspace_is_one_line() -> None:
    events = story(TaskCreated(title="Write"), TaskEdited(title="Rewrite"))
    first, second = fold_rows(ACTIVITY, events)["activity"]
    assert (first.position, first.topic, first.version) == (1, "task.created", 1)
    assert (second.position, second.topic, second.version) == (2, "task.edited", 2)
    assert (second.workspace, second.stream, second.actor) == (WORKSPACE, events[0].stream, ACTOR)


def test_a_line_names_the_fields_that_changed_and_not_what_was_written() -> None:
    line = line_of(TaskEdited(title="Secret plan", description=None))
    assert line.changed == ("title", "description")
    assert "Secret" not in repr(line)


def test_a_new_task_names_what_was_given() -> None:
    assert line_of(TaskCreated(title="Write", priority="high")).changed == ("title", "priority")


def test_a_line_says_whom_or_what_it_is_about() -> None:
    somebody = new_id()
    assert line_of(TaskAssigned(assignee=somebody)).about == somebody
    assert line_of(MemberAdded(account=somebody, role="viewer")).about == somebody
    assert line_of(TaskTagged(tag=somebody)).about == somebody
    assert line_of(TaskFellOverdue(task=somebody)).about == somebody
    assert line_of(TaskEdited(title="Write")).about is None


def test_an_accounts_own_events_are_no_activity_of_a_workspace() -> None:
    registered = AccountRegistered(email="ada@example.org", username=None, full_name="Ada")
    assert fold_rows(ACTIVITY, story(registered))["activity"] == []
