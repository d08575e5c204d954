"""How a command that may make tags is handled, and refused in Task Manager's words."""

from collections.abc import Awaitable, Callable

from commands.base import Command
from commands.handler import Handler, Outcome
from commands.routes.tagging import handle_tagging
from events.append import CommandRequest
from events.refusals import Invalid, NotFound
from gateway.dialects.taskmanager import words


async def handled(
    handler: Handler,
    commands: Callable[[], Awaitable[list[Command]]],
    command: CommandRequest,
    *,
    number: int = 0,
) -> Outcome:
    """`number` is that of the task, which may go away meanwhile."""
    try:
        return await handle_tagging(handler, commands, command)
    except NotFound:
        raise words.task_not_found(number) from None
    except Invalid as refusal:
        raise words.invalid(refusal) from None
