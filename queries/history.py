"""What happened to one task, note or post, and what was it at some moment?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from events.base import Fact
from events.envelope import Recorded
from events.moments import is_overdue
from events.refusals import Invalid, NotFound
from projections.table import Evolve, Row
from projections.tasks import TaskView
from queries import paging
from queries.database import Database
from queries.paging import Cursor
from queries.services import Reader
from queries.tasks import TaskRow

V = TypeVar("V", bound=Row)
R = TypeVar("R", bound=msgspec.Struct)
_FIELDS = {"start_on": "start", "start_at": "start", "due_on": "due", "due_at": "due"}


async def history_page(
    reader: Reader,
    database: Database,
    *,
    log: UUID,
    account: UUID,
    noun: str,
    id: UUID,
    limit: int,
    cursor: str | None = None,
) -> tuple[Sequence[Recorded], str | None]:
    """What next happened to it, deleted or not, and the cursor of what follows. Raises
    `NotFound`."""
    query = f"history:{id}"
    shown = _version_in(paging.decode(cursor, log=log, query=query)) if cursor is not None else 0
    events = await reader.stream(id, after=shown, up_to=shown + limit + 1)
    if not events or events[0].noun != noun:
        events = []
    owner = events[0].owner if events else await _owner_of(reader, noun, id)
    await demand_member(database, account, owner, noun)
    page, more = paging.cut(events, limit)
    last = Cursor(log, query, str(page[-1].version), id) if more else None
    return page, paging.encode(last) if last else None


async def view_at(
    reader: Reader,
    database: Database,
    *,
    account: UUID,
    noun: str,
    id: UUID,
    evolve: Evolve[V],
    version: int | None = None,
    moment: datetime | None = None,
) -> V:
    """Its row as it was at a version, or at a moment. Raises `NotFound` if it was not there."""
    events = await reader.stream(id, up_to=version)
    if not events or events[0].noun != noun:
        raise _not_there(noun)
    await demand_member(database, account, events[0].owner, noun)
    view: V | None = None
    for event in events:
        if moment is not None and event.occurred_at > moment:
            break
        view = evolve(view, event) if isinstance(event.fact, Fact) else view
    if view is None or (version is not None and events[-1].version < version):
        raise NotFound(f"the {noun} had no such state")
    return view


async def names_of(database: Database, accounts: Sequence[UUID]) -> dict[UUID, str]:
    records = await database.fetch(
        "SELECT id, full_name FROM read.accounts WHERE id = ANY($1::uuid[])", list(set(accounts))
    )
    return {record["id"]: record["full_name"] for record in records}


async def demand_member(database: Database, account: UUID, workspace: UUID, noun: str) -> None:
    records = await database.fetch(
        "SELECT 1 FROM read.members WHERE account = $1 AND workspace = $2", account, workspace
    )
    if not records:
        raise _not_there(noun)


def summary_of(event: Recorded) -> str:
    """A few words, without any content of it."""
    verb = event.topic.partition(".")[2]
    if verb != "edited":
        return verb
    names = dict.fromkeys(_FIELDS.get(name, name) for name in data_of(event) or {})
    return f"changed {', '.join(names)}" if names else verb


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


async def _owner_of(reader: Reader, noun: str, id: UUID) -> UUID:
    first = await reader.stream(id, up_to=1)
    if not first or first[0].noun != noun:
        raise _not_there(noun)
    return first[0].owner


def _not_there(noun: str) -> NotFound:
    return NotFound(f"there is no such {noun}")


async def task_row(database: Database, task: TaskView, at: datetime) -> TaskRow:
    """The state with what stands elsewhere: tags' names as they are now, overdue as it was."""
    zone, tags = await around(database, task.workspace, task.tags)
    overdue = is_overdue(task.status, task.due_on, task.due_at, zone, at)
    return row_of(TaskRow, task, tags, overdue=overdue)


async def around(
    database: Database, workspace: UUID, tags: Sequence[UUID]
) -> tuple[str, Sequence[str]]:
    """The workspace's time zone, and the tags as a list shows them."""
    [record] = await database.fetch(
        "SELECT time_zone, ARRAY(SELECT g.id::text || g.colour || g.name FROM unnest($2::uuid[])"
        " WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id) ORDER BY own.n) AS tags"
        " FROM read.workspaces WHERE id = $1",
        workspace,
        list(tags),
    )
    return record["time_zone"], record["tags"]


def row_of(kind: type[R], view: Row, tags: Sequence[str], **more: object) -> R:
    """A view as a row of a list, with what a view does not know."""
    kept = set(kind.__struct_fields__) & set(view.__struct_fields__) - {"tags"}
    fields = {name: getattr(view, name) for name in kept}
    return kind(**fields, tags=tags, sort_key="", **more)
