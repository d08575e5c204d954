"""How tasks look that a command has just made: from its own outcome, so that they are shown
however late the read models are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from commands.accounts import ACCOUNTS
from commands.base import Stream
from commands.handler import Handler
from commands.state_of_tasks import Task
from commands.tags import TAGS
from gateway.dialects.private import row_of
from gateway.dialects.taskhub.shown import shown_tag, shown_task
from queries.people import PersonRow

Json = dict[str, Any]


async def made_tasks(handler: Handler, tasks: Sequence[Stream[Task]]) -> list[Json]:
    """Nobody has said anything about them or attached anything yet."""
    rows = [await row_of(handler, task) for task in tasks]
    concerned = {id for row in rows for id in (row.created_by, row.assignee) if id}
    people = {id: await _person(handler, id) for id in concerned}
    tags = {tag: await _tag(handler, tag) for task in tasks for tag in task.state.tags}
    return [
        shown_task(row, people, files=[], comments=[], tags=[tags[tag] for tag in task.state.tags])
        for row, task in zip(rows, tasks, strict=True)
    ]


async def _person(handler: Handler, id: UUID) -> PersonRow:
    stream = await handler.load(id, ACCOUNTS, fresh=False)
    account = stream.state
    assert stream.created_at is not None, "somebody registered"
    return PersonRow(
        id,
        account.email,
        account.username,
        account.full_name,
        account.avatar_url,
        stream.created_at,
        account.active,
    )


async def _tag(handler: Handler, id: UUID) -> Json:
    stream = await handler.load(id, TAGS, fresh=False)
    assert stream.created_at is not None, "it was found by its name, or made"
    return shown_tag(id, stream.state.name, stream.created_at, stream.state.colour)
