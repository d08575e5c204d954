"""What was said about a task?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries.by_time import ByTime
from queries.database import Database
from queries.paging import Page

# A comment goes with its task, and both with the workspace.
_COMMENTS = """
SELECT c.id, c.number, c.workspace, c.task, c.author, c.content, c.mentions, c.created_at,
    c.edited_at, c.deleted_at, c.version
FROM read.comments c JOIN read.tasks t ON t.id = c.task AND t.deleted_at IS NULL
JOIN read.members m ON m.workspace = c.workspace AND m.account = $1
WHERE {where}
"""
_OF_TASK = _COMMENTS.format(
    where="c.task = $2 AND ($3::timestamptz IS NULL OR (c.created_at, c.id) > ($3, $4::uuid))"
    " ORDER BY c.created_at, c.id LIMIT $5"
)
_ONE = _COMMENTS.format(where="c.id = $2 AND c.deleted_at IS NULL")
_TASK = """
SELECT 1 FROM read.tasks t JOIN read.members m ON m.workspace = t.workspace AND m.account = $1
WHERE t.id = $2 AND t.deleted_at IS NULL
"""


class CommentRow(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    workspace: UUID
    task: UUID
    author: UUID | None
    content: str | None
    mentions: Sequence[UUID]
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    version: int


async def list_comments(
    database: Database,
    *,
    log: UUID,
    account: UUID,
    task: UUID,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[CommentRow]:
    """The oldest first, deleted ones in their place. Raises `NotFound` for the task."""
    comments = ByTime(_OF_TASK, CommentRow, lambda row: (row.created_at, row.id))
    query = f"comments:{task}"
    page = await comments.page(
        database, account, task, log=log, query=query, limit=limit, cursor=cursor
    )
    if not page.items and not await database.fetch(_TASK, account, task):
        raise NotFound("there is no such task")
    return page


async def get_comment(database: Database, *, account: UUID, comment: UUID) -> CommentRow:
    """Raises `NotFound`, for a deleted one too."""
    records = await database.fetch(_ONE, account, comment)
    if not records:
        raise NotFound("there is no such comment")
    return CommentRow(*records[0].values())


async def comments_of_tasks(database: Database, tasks: Sequence[UUID]) -> list[CommentRow]:
    """Those that are not deleted, the oldest first. Who may look is the caller's affair."""
    records = await database.fetch(
        "SELECT id, number, workspace, task, author, content, mentions, created_at, edited_at,"
        " deleted_at, version FROM read.comments"
        " WHERE task = ANY($1::uuid[]) AND deleted_at IS NULL ORDER BY created_at, id",
        list(tasks),
    )
    return [CommentRow(*record.values()) for record in records]
