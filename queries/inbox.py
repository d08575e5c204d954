"""What should this account know?"""

from datetime import datetime
from uuid import UUID

import msgspec

from events.inbox import NotificationKind
from queries import paging
from queries.database import Database
from queries.paging import Cursor, Page

# Who left a workspace is told nothing of it any more, nor anybody of a task that is deleted.
_FROM = """
FROM read.notifications n
JOIN read.members m ON m.workspace = n.workspace AND m.account = n.account
LEFT JOIN read.comments c ON c.id = n.comment
JOIN read.tasks t ON t.id = coalesce(n.task, c.task) AND t.deleted_at IS NULL
LEFT JOIN read.accounts a ON a.id = n.actor
LEFT JOIN read.inboxes i ON i.account = n.account
WHERE n.account = $1 AND NOT (n.kind || '/in_app') = ANY(coalesce(i.silenced, '{}'))
"""
_UNREAD = "(NOT n.read AND n.position > coalesce(i.read_up_to, 0))"
_COLUMNS = (
    f"n.id, n.kind, NOT {_UNREAD}, n.workspace, t.id, t.title, n.comment, n.actor, a.full_name,"
    " n.occurred_at, n.position"
)
_LIST = f"""
SELECT {_COLUMNS} {_FROM}
    AND ($2::bigint IS NULL OR n.position < $2) AND ($3::boolean IS NULL OR {_UNREAD} = $3)
    AND ($4::uuid IS NULL OR n.workspace = $4)
ORDER BY n.position DESC LIMIT $5
"""
_ONE = f"SELECT {_COLUMNS} {_FROM} AND n.id = $2"
_COUNT = f"SELECT count(*) {_FROM} AND {_UNREAD} AND ($2::uuid IS NULL OR n.workspace = $2)"
_NEWEST = """
SELECT coalesce(max(position), 0) FROM read.notifications
WHERE account = $1 AND ($2::bigint IS NULL OR position <= $2)
"""


class NotificationRow(msgspec.Struct, frozen=True):
    id: UUID
    kind: NotificationKind
    read: bool
    workspace: UUID
    task: UUID
    task_title: str
    comment: UUID | None
    actor: UUID | None
    actor_name: str | None
    occurred_at: datetime
    position: int


async def list_notifications(
    database: Database,
    *,
    log: UUID,
    account: UUID,
    unread: bool | None = None,
    workspace: UUID | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[NotificationRow]:
    """The newest first."""
    after = paging.decode(cursor, log=log, query="inbox") if cursor is not None else None
    before = paging.number_of(after) if after else None
    records = await database.fetch(_LIST, account, before, unread, workspace, limit + 1)
    rows, more = paging.cut([NotificationRow(*record.values()) for record in records], limit)
    last = Cursor(log, "inbox", str(rows[-1].position), rows[-1].id) if more else None
    return Page(list(rows), paging.encode(last) if last else None)


async def get_notification(
    database: Database, *, account: UUID, notification: UUID
) -> NotificationRow | None:
    records = await database.fetch(_ONE, account, notification)
    return NotificationRow(*records[0].values()) if records else None


async def count_unread(database: Database, *, account: UUID, workspace: UUID | None = None) -> int:
    [(count,)] = await database.fetch(_COUNT, account, workspace)
    return int(count)


async def newest_position(database: Database, *, account: UUID, up_to: int | None) -> int:
    """That of the account's newest notification not after `up_to`; 0 for none."""
    [(position,)] = await database.fetch(_NEWEST, account, up_to)
    return int(position)


async def silenced_by(database: Database, *, account: UUID) -> tuple[frozenset[str], int]:
    """The `kind/channel` pairs that the account does not want, and the version of that."""
    records = await database.fetch(
        "SELECT silenced, version FROM read.inboxes WHERE account = $1", account
    )
    return (frozenset(records[0][0]), records[0][1]) if records else (frozenset(), 0)
