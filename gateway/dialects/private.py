"""What the four systems share in which everybody saw only what was their own.

There it was a user's rows; here it is what stands in the personal workspace of the caller. A
single thing is folded from its stream, so that what was just saved is there at once, however late
the read models are; lists come from those, at the log's head.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from commands.attachments import ATTACHMENTS
from commands.base import Decider, S, Stream
from commands.handler import Handler
from commands.routes.tagging import tags_shown
from commands.state_of_tasks import Task
from commands.workspaces import WORKSPACES
from events.envelope import Caller
from events.ids import personal_workspace_of
from events.moments import is_overdue
from gateway.dialects.asking import account_of
from queries.services import Queries
from queries.tasks import TaskRow

LISTED = ("tasks", "workspaces")


def space_of(member: Caller) -> UUID:
    return personal_workspace_of(account_of(member))


async def at_head(queries: Queries, member: Caller, *projections: str) -> int | None:
    """What was just written shows, as it did there: the log's head. When the read models are
    late, None, and the answer is what they have."""
    return await queries.freshness.newest(account_of(member), *(projections or LISTED))


async def own(
    handler: Handler,
    decider: Decider[S],
    member: Caller,
    number: int,
    system: str,
    *,
    fresh: bool = True,
) -> Stream[S] | None:
    """What the member calls by this integer id; None for what is deleted or somebody else's.
    Without `fresh` memory is believed."""
    found = await numbered(handler, decider, number, system, fresh=fresh)
    return found if found is not None and found.owner == space_of(member) else None


async def numbered(
    handler: Handler, decider: Decider[S], number: int, system: str, *, fresh: bool = True
) -> Stream[S] | None:
    """As `own`, but in anybody's personal workspace, for a system that said whose it was. What
    stands in shared workspaces was never in such a system."""
    id = await handler.numbered(decider.noun, number, system)
    found = await there(handler, decider, id, fresh=fresh) if id is not None else None
    return replace(found, number=number) if found is not None else None


async def there(
    handler: Handler, decider: Decider[S], id: UUID, *, fresh: bool = True
) -> Stream[S] | None:
    """A thing in somebody's personal workspace that is not deleted."""
    stream = await handler.load(id, decider, fresh=fresh)
    if stream.owner is None or _gone(decider, stream.state):
        return None
    workspace = await handler.load(stream.owner, WORKSPACES, fresh=False)
    return stream if workspace.state.personal else None


async def row_of(handler: Handler, task: Stream[Task]) -> TaskRow:
    """The task as lists have it, from its stream."""
    state = task.state
    assert task.owner is not None, "it was created"
    assert task.created_at is not None, "it was created"
    assert task.updated_at is not None, "it was created"
    zone = (await handler.load(task.owner, WORKSPACES, fresh=False)).state.time_zone
    overdue = is_overdue(state.status, state.due_on, state.due_at, zone, handler.now())
    return TaskRow(
        id=task.id,
        number=task.number,
        workspace=task.owner,
        title=state.title,
        description=state.description,
        status=state.status,
        priority=state.priority,
        start_on=state.start_on,
        start_at=state.start_at,
        due_on=state.due_on,
        due_at=state.due_at,
        notify_overdue=state.notify_overdue,
        assignee=state.assignee,
        created_by=task.created_by,
        created_at=task.created_at,
        updated_at=task.updated_at,
        started_at=state.started_at,
        completed_at=state.completed_at,
        deleted_at=state.deleted_at,
        version=task.version,
        overdue=overdue,
        tags=await tag_texts(handler, state.tags),
        sort_key="",
    )


async def tag_texts(handler: Handler, tags: Sequence[UUID]) -> list[str]:
    """Id, colour and name in one text each, as rows of lists have them."""
    return [f"{tag.id}{tag.colour}{tag.name}" for tag in await tags_shown(handler, tags)]


def tag_names(texts: Sequence[str] | None) -> list[str]:
    return [text[43:] for text in texts or ()]


def _gone(decider: Decider[Any], state: Any) -> bool:
    """Files are removed for good; tasks, notes and posts can be restored."""
    return bool(state.removed) if decider is ATTACHMENTS else state.deleted_at is not None
