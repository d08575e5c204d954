"""Task Manager's `/tasks/{id}/tags`."""

from typing import Any

from litestar import Router, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from commands.base import Command
from commands.handler import Handler
from commands.tagging import Tagging
from commands.tags import CLAIM, same_name
from commands.tasks import TagTask, UntagTask
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import NotFound
from gateway.dialects.fastapi import WireRequest, value_of
from gateway.dialects.private import space_of
from gateway.dialects.taskmanager import words
from gateway.dialects.taskmanager.handling import handled
from gateway.dialects.taskmanager.reading import own_task, shown

Json = dict[str, Any]


@post("/", status_code=200)
async def add_tags(
    request: WireRequest,
    task: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    """The body is the list itself. Tags that are there already stay where they are."""
    wanted: list[str] = await value_of(request, list[str])
    own = await own_task(handler, member, task)
    if not wanted:
        return await shown(handler, member, own)

    async def commands() -> list[Command]:
        tagging = Tagging(handler)
        tags = await tagging.as_typed(space_of(member), wanted)
        return [*tagging.commands, *(TagTask(stream=own.id, tag=tag) for tag in tags)]

    outcome = await handled(handler, commands, command, number=own.number)
    return await shown(handler, member, outcome.stream)


@delete("/{tag:str}", status_code=200)
async def remove_tag(
    task: FromPath[str],
    tag: FromPath[str],
    member: NamedDependency[Caller],
    handler: NamedDependency[Handler],
    command: NamedDependency[CommandRequest],
) -> Json:
    """From its first place."""
    own = await own_task(handler, member, task)
    held = await handler.claimed_by(CLAIM, same_name(tag), space_of(member))
    if held is None or held not in own.state.tags:
        raise words.tag_not_found(own.number, tag)
    try:
        outcome = await handler.handle([UntagTask(stream=own.id, tag=held, once=True)], command)
    except NotFound:
        raise words.task_not_found(own.number) from None
    return await shown(handler, member, outcome.stream)


TAGS_OF_TASKS = Router(path="/tasks/{task:str}/tags", route_handlers=[add_tags, remove_tag])
