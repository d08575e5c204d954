"""When a task's due moment passes, that is announced, once, in a stream of the moment's own."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from commands.base import Command, Context, Decider
from events.base import Fact
from events.moments import is_overdue
from events.refusals import Conflict, NotFound
from events.tasks import TaskFellOverdue


class AnnounceOverdue(Command, frozen=True, kw_only=True):
    """Given by nobody but the scheduler; `stream` is `announcement_of` the task and its moment."""

    workspace: UUID
    task: UUID
    due_on: date | None = None
    due_at: datetime | None = None


class RemindOfOverdue(Command, frozen=True, kw_only=True):
    """A member asks that whom it concerns be told, and again if they were; `stream` is new."""

    workspace: UUID
    task: UUID


OverdueCommand = AnnounceOverdue | RemindOfOverdue


class Announcement(msgspec.Struct, frozen=True):
    made: bool = False
    told: UUID | None = None


def announcement_of(task: UUID, due_on: date | None, due_at: datetime | None) -> UUID:
    """A task that moves to another moment may fall overdue again; the same one counts once."""
    moment = due_at or due_on
    assert moment is not None, "only what is due can be overdue"
    return uuid5(task, moment.isoformat())


def evolve(announcement: Announcement, event: TaskFellOverdue, at: datetime) -> Announcement:
    return Announcement(made=True, told=event.audience[0] if event.audience else None)


def decide(command: OverdueCommand, announcement: Announcement, context: Context) -> Sequence[Fact]:
    match command:
        case AnnounceOverdue():
            return announce(command, announcement, context)
        case RemindOfOverdue():
            return remind(command, context)


def remind(command: RemindOfOverdue, context: Context) -> Sequence[Fact]:
    """The assignee, else the creator, as far as they are still members; else who asks."""
    task = context.related[command.task]
    workspace = context.related[command.workspace].state
    state = task.state
    if task.owner != command.workspace or not state.exists or state.deleted_at:
        raise NotFound("there is no such task")
    moment = (state.due_on, state.due_at)
    if not is_overdue(state.status, *moment, workspace.time_zone, context.now):
        raise Conflict("the task is not overdue", code="not-overdue")
    concerned = (state.assignee, task.created_by, context.caller.account)
    told = next(account for account in concerned if account and account in workspace.members)
    return [
        TaskFellOverdue(
            task=command.task, due_on=state.due_on, due_at=state.due_at, audience=(told,)
        )
    ]


def announce(
    command: AnnounceOverdue, announcement: Announcement, context: Context
) -> Sequence[Fact]:
    """Nothing, if it was announced already or is not so any more."""
    task = context.related[command.task]
    workspace = context.related[command.workspace].state
    state = task.state
    moment = (command.due_on, command.due_at)
    if announcement.made or task.owner != command.workspace or state.deleted_at:
        return []
    if moment != (state.due_on, state.due_at) or not is_overdue(
        state.status, *moment, workspace.time_zone, context.now
    ):
        return []
    concerned = state.assignee or task.created_by
    told = concerned if state.notify_overdue and concerned in workspace.members else None
    return [
        TaskFellOverdue(
            task=command.task,
            due_on=command.due_on,
            due_at=command.due_at,
            audience=(told,) if told else (),
        )
    ]


def reads(command: Any) -> Mapping[UUID, str]:
    return {command.task: "task", command.workspace: "workspace"}


OVERDUE = Decider(
    noun="task",
    initial=Announcement(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles={RemindOfOverdue: "member"},
    reads=reads,
)
