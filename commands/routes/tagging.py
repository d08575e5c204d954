"""What the routes of everything that carries tags have in common."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from commands.base import Command, Decider
from commands.handler import Handler, Outcome
from commands.tagging import MAX_TAGS
from commands.tags import CLAIM, TAGS
from events.append import CommandRequest
from events.refusals import Conflict, NotFound
from gateway.http import Body
from gateway.resources.tags import TaskTag
from gateway.resources.text import TagText


class TaggingBody(Body, frozen=True):
    name: TagText


async def handle_tagging(
    handler: Handler,
    commands: Callable[[], Awaitable[list[Command]]],
    request: CommandRequest,
    *settling: str,
) -> Outcome:
    """Others may make the same tags first; then their names mean those. With each attempt one
    more name at least is settled. `settling` are other claims for which `commands` finds another
    value when somebody was faster."""
    for _ in range(MAX_TAGS):
        try:
            return await handler.handle(await commands(), request)
        except Conflict as conflict:
            if conflict.field not in (CLAIM, *settling):
                raise
    return await handler.handle(await commands(), request)


async def owner_of(handler: Handler, id: UUID, decider: Decider[Any]) -> UUID:
    """Its workspace. Raises `NotFound`."""
    stream = await handler.load(id, decider, fresh=False)
    if stream.owner is None:
        raise NotFound(f"there is no such {decider.noun}")
    return stream.owner


async def tags_shown(handler: Handler, tags: Sequence[UUID]) -> list[TaskTag]:
    found = [await handler.load(tag, TAGS, fresh=False) for tag in tags]
    return [TaskTag(t.id, t.state.name, t.state.colour) for t in found if t.state.exists]
