"""Which files are on a task, and where do their bytes lie?"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

import msgspec

from events.refusals import NotFound
from queries.by_time import ByTime
from queries.database import Database
from queries.paging import Page

_COLUMNS = """a.id, a.number, a.workspace, a.task, a.uploader, a.name, a.content_type, a.size,
    a.sha256, a.object_key, a.created_at, a.version"""
# A file goes with its task, and both with the workspace.
_ATTACHMENTS = f"""
SELECT {_COLUMNS} FROM read.attachments a
JOIN read.tasks t ON t.id = a.task AND t.deleted_at IS NULL
JOIN read.members m ON m.workspace = a.workspace AND m.account = $1
"""  # noqa: S608 - of literals
_OF_TASK = (
    _ATTACHMENTS
    + """WHERE a.task = $2 AND ($3::timestamptz IS NULL OR (a.created_at, a.id) < ($3, $4::uuid))
ORDER BY a.created_at DESC, a.id DESC LIMIT $5"""
)
_ONE = _ATTACHMENTS + "WHERE a.id = $2"
_OF_TASKS = f"""
SELECT {_COLUMNS} FROM read.attachments a WHERE a.task = ANY ($1::uuid[])
ORDER BY a.created_at DESC, a.id DESC
"""  # noqa: S608 - of literals
_EVERY = f"""
SELECT {_COLUMNS} FROM read.attachments a WHERE a.id > $1 ORDER BY a.id LIMIT $2
"""  # noqa: S608 - of literals
_TASK = """
SELECT 1 FROM read.tasks t JOIN read.members m ON m.workspace = t.workspace AND m.account = $1
WHERE t.id = $2 AND t.deleted_at IS NULL
"""


class AttachmentRow(msgspec.Struct, frozen=True):
    id: UUID
    number: int
    workspace: UUID
    task: UUID
    uploader: UUID | None
    name: str
    content_type: str
    size: int
    sha256: str
    object_key: UUID
    created_at: datetime
    version: int


class Content(Protocol):
    """An open object."""

    @property
    def size(self) -> int: ...
    @property
    def chunks(self) -> AsyncIterator[bytes]: ...


@runtime_checkable
class Contents(Protocol):
    """Where the bytes lie. Raises `NotFound` (`content-missing`) and `Unavailable`."""

    async def open(self, key: UUID) -> Content: ...
    def link(self, key: UUID, *, seconds: int, headers: Mapping[str, str]) -> str: ...


async def list_attachments(
    database: Database,
    *,
    log: UUID,
    account: UUID,
    task: UUID,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[AttachmentRow]:
    """The newest first. Raises `NotFound` for the task."""
    attachments = ByTime(_OF_TASK, AttachmentRow, lambda row: (row.created_at, row.id))
    query = f"attachments:{task}"
    page = await attachments.page(
        database, account, task, log=log, query=query, limit=limit, cursor=cursor
    )
    if not page.items and not await database.fetch(_TASK, account, task):
        raise NotFound("there is no such task")
    return page


async def get_attachment(database: Database, *, account: UUID, attachment: UUID) -> AttachmentRow:
    """Raises `NotFound`."""
    records = await database.fetch(_ONE, account, attachment)
    if not records:
        raise NotFound("there is no such attachment")
    return AttachmentRow(*records[0].values())


async def of_tasks(
    database: Database, tasks: Sequence[UUID]
) -> Mapping[UUID, Sequence[AttachmentRow]]:
    """Those of each task, the newest first. For tasks that the caller was shown already."""
    found: dict[UUID, list[AttachmentRow]] = {task: [] for task in tasks}
    for record in await database.fetch(_OF_TASKS, list(tasks)):
        row = AttachmentRow(*record.values())
        found[row.task].append(row)
    return found


async def every_attachment(
    database: Database, *, page: int = 500
) -> AsyncIterator[list[AttachmentRow]]:
    """A page at a time, by id."""
    last = UUID(int=0)
    while records := await database.fetch(_EVERY, last, page):
        rows = [AttachmentRow(*record.values()) for record in records]
        yield rows
        last = rows[-1].id
