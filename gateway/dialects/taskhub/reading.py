"""Full tasks, with everybody and everything that belongs to them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from events.envelope import Caller
from events.refusals import Unavailable
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import Answer, detail
from gateway.dialects.taskhub.shown import shown_comment, shown_file, shown_tag, shown_task
from gateway.dialects.taskhub.space import SPACE
from queries.attachments import of_tasks
from queries.comments import comments_of_tasks
from queries.people import people
from queries.services import Queries
from queries.tasks import TaskRow

Json = dict[str, Any]
_SHOWN = ("tasks", "workspaces", "accounts", "comments", "attachments")


async def read_tasks(queries: Queries, rows: Sequence[TaskRow]) -> list[Json]:
    """In the order of `rows`, by one query for each kind of thing."""
    if not rows:
        return []
    ids = {id for row in rows for id in (row.created_by, row.assignee) if id}
    persons = {person.id: person for person in await people(queries.database, list(ids))}
    tags = await _tags(queries, rows)
    comments = await comments_of(queries, [row.id for row in rows])
    files = await files_of(queries, [row.id for row in rows])
    return [
        shown_task(
            row,
            persons,
            files=files[row.id],
            comments=comments.get(row.id, []),
            tags=[tags[id] for text in row.tags or () if (id := UUID(text[:36])) in tags],
        )
        for row in rows
    ]


async def _tags(queries: Queries, rows: Sequence[TaskRow]) -> dict[UUID, Json]:
    wanted = {UUID(text[:36]) for row in rows for text in row.tags or ()}
    if not wanted:
        return {}
    records = await queries.database.fetch(
        "SELECT id, name, created_at, colour FROM read.tags WHERE id = ANY($1::uuid[])",
        list(wanted),
    )
    return {record["id"]: shown_tag(*record.values()) for record in records}


async def comments_of(queries: Queries, tasks: Sequence[UUID]) -> dict[UUID, list[Json]]:
    """Each task's comments that are not deleted, the oldest first."""
    rows = await comments_of_tasks(queries.database, tasks)
    authors = [row.author for row in rows if row.author]
    persons = {person.id: person for person in await people(queries.database, authors)}
    found: dict[UUID, list[Json]] = {}
    for row in rows:
        found.setdefault(row.task, []).append(shown_comment(row, persons))
    return found


async def files_of(queries: Queries, tasks: Sequence[UUID]) -> dict[UUID, list[Json]]:
    """Each task's files, the newest first."""
    return {
        task: [
            shown_file(row.id, row.object_key, row.name, row.content_type, row.size, row.created_at)
            for row in rows
        ]
        for task, rows in (await of_tasks(queries.database, tasks)).items()
    }


async def at_head(queries: Queries, member: Caller, *more: str) -> int | None:
    """What was just written shows, as it did there: the log's head. When the read models are
    late, None, and the answer is what they have. Raises `Answer` for who does not belong to the
    shared workspace."""
    head = await queries.freshness.newest(account_of(member), *_SHOWN, *more)
    if not await queries.membership.holds(SPACE, account_of(member)):
        raise (
            not_authorized() if head is not None else Unavailable("it is not known yet who you are")
        )
    return head


async def demand_here(queries: Queries, member: Caller, task: UUID) -> None:
    """Only the shared workspace's tasks are here, whatever else the caller may see."""
    await at_head(queries, member)
    if not await is_here(queries, task):
        raise task_not_found()


async def is_here(queries: Queries, task: UUID) -> bool:
    records = await queries.database.fetch(
        "SELECT 1 FROM read.tasks WHERE id = $1 AND workspace = $2 AND deleted_at IS NULL",
        task,
        SPACE,
    )
    return bool(records)


def not_authorized() -> Answer:
    return detail(403, "Not authorized")


def task_not_found() -> Answer:
    return detail(404, "Task not found")
