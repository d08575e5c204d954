"""What happened to one task, and what was it at some moment?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events.base import Fact
from events.envelope import Recorded
from events.moments import is_overdue
from events.refusals import Invalid, NotFound
from projections.tasks import TaskView, evolve_task
from queries import paging
from queries.database import Database
from queries.paging import Cursor
from queries.services import Reader
from queries.tasks import TaskRow

# What a line says of a fact that has nothing to name.
_SUMMARIES = {
    "task.created": "created",
    "task.started": "started",
    "task.completed": "completed",
    "task.reopened": "reopened",
    "task.assigned": "assigned",
    "task.unassigned": "unassigned",
    "task.tagged": "tagged",
    "task.untagged": "untagged",
    "task.deleted": "deleted",
    "task.restored": "restored",
}
_FIELDS = {"start_on": "start", "start_at": "start", "due_on": "due", "due_at": "due"}


async def history_page(
    reader: Reader,
    database: Database,
    *,
    log: UUID,
    account: UUID,
    task: UUID,
    limit: int,
    cursor: str | None = None,
) -> tuple[Sequence[Recorded], str | None]:
    """The task's next events, deleted or not, and the cursor of those that follow. Raises
    `NotFound`."""
    query = f"history:{task}"
    shown = _version_in(paging.decode(cursor, log=log, query=query)) if cursor is not None else 0
    events = await reader.stream(task, after=shown, up_to=shown + limit + 1)
    if not events or events[0].noun != "task":
        events = []
    owner = events[0].owner if events else await _owner_of(reader, task)
    await demand_member(database, account, owner)
    page, more = paging.cut(events, limit)
    last = Cursor(log, query, str(page[-1].version), task) if more else None
    return page, paging.encode(last) if last else None


async def task_at(
    reader: Reader,
    database: Database,
    *,
    account: UUID,
    task: UUID,
    version: int | None = None,
    moment: datetime | None = None,
) -> TaskView:
    """The task as it was at a version, or at a moment. Raises `NotFound` if it was not there."""
    events = await reader.stream(task, up_to=version)
    if not events or events[0].noun != "task":
        raise NotFound("there is no such task")
    await demand_member(database, account, events[0].owner)
    view: TaskView | None = None
    for event in events:
        if moment is not None and event.occurred_at > moment:
            break
        view = evolve_task(view, event) if isinstance(event.fact, Fact) else view
    if view is None or (version is not None and events[-1].version < version):
        raise NotFound("the task had no such state")
    return view


async def names_of(database: Database, accounts: Sequence[UUID]) -> dict[UUID, str]:
    records = await database.fetch(
        "SELECT id, full_name FROM read.accounts WHERE id = ANY($1::uuid[])", list(set(accounts))
    )
    return {record["id"]: record["full_name"] for record in records}


async def demand_member(database: Database, account: UUID, workspace: UUID) -> None:
    records = await database.fetch(
        "SELECT 1 FROM read.members WHERE account = $1 AND workspace = $2", account, workspace
    )
    if not records:
        raise NotFound("there is no such task")


def summary_of(event: Recorded) -> str:
    """A few words, without any content of the task."""
    if event.topic in _SUMMARIES:
        return _SUMMARIES[event.topic]
    names = dict.fromkeys(_FIELDS.get(name, name) for name in data_of(event) or {})
    return f"changed {', '.join(names)}" if names else event.topic.partition(".")[2]


def data_of(event: Recorded) -> dict[str, Any] | None:
    if not isinstance(event.fact, Fact):
        return None
    data: dict[str, Any] = msgspec.to_builtins(event.fact)
    return data


def _version_in(cursor: Cursor) -> int:
    """Raises `Invalid` for a cursor that we did not make."""
    if not (cursor.key.isascii() and cursor.key.isdigit() and len(cursor.key) < 16):
        raise Invalid("is not a cursor of this list", field="cursor")
    return int(cursor.key)


async def _owner_of(reader: Reader, task: UUID) -> UUID:
    first = await reader.stream(task, up_to=1)
    if not first or first[0].noun != "task":
        raise NotFound("there is no such task")
    return first[0].owner


async def row_of(database: Database, task: TaskView, at: datetime) -> TaskRow:
    """The state with what stands elsewhere: tags' names as they are now, overdue as it was."""
    [record] = await database.fetch(
        "SELECT time_zone, ARRAY(SELECT g.id::text || g.colour || g.name FROM unnest($2::uuid[])"
        " WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id) ORDER BY own.n) AS tags"
        " FROM read.workspaces WHERE id = $1",
        task.workspace,
        list(task.tags),
    )
    overdue = is_overdue(task.status, task.due_on, task.due_at, record["time_zone"], at)
    kept = set(TaskRow.__struct_fields__) & set(TaskView.__struct_fields__) - {"tags"}
    fields = {name: getattr(task, name) for name in kept}
    return TaskRow(**fields, overdue=overdue, tags=record["tags"], sort_key="")
