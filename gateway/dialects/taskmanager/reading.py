"""Which task or file does an integer id mean, whose is it, and how is a task shown?"""

from typing import Any

from commands.accounts import ACCOUNTS
from commands.attachments import ATTACHMENTS, Attachment
from commands.base import Stream
from commands.handler import Handler
from commands.state_of_tasks import Task
from commands.tasks import TASKS
from events.envelope import Caller
from gateway.dialects.asking import account_of
from gateway.dialects.fastapi import path_of
from gateway.dialects.private import numbered, row_of, space_of, there
from gateway.dialects.taskmanager import words
from gateway.dialects.taskmanager.shown import shown_task

SYSTEM = "taskmanager"


async def user_of(handler: Handler, member: Caller) -> int:
    return (await handler.load(account_of(member), ACCOUNTS, fresh=False)).number


async def own_task(handler: Handler, member: Caller, number: str) -> Stream[Task]:
    """The member's task by the number in a path. Raises `Answer`, which says whether there is
    one of somebody else's."""
    id: int = path_of(int, number, "task_id")
    found = await numbered(handler, TASKS, id, SYSTEM)
    if found is None:
        raise words.task_not_found(id)
    if found.owner != space_of(member):
        raise words.not_your_task()
    return found


async def own_file(
    handler: Handler, member: Caller, number: str, *, doing: str
) -> Stream[Attachment]:
    """As `own_task`; `doing` is what somebody else may not do with it."""
    id: int = path_of(int, number, "file_id")
    found = await numbered(handler, ATTACHMENTS, id, SYSTEM)
    if found is None or found.state.task is None:
        raise words.file_not_found(id)
    if await there(handler, TASKS, found.state.task) is None:
        raise words.file_not_found(id)
    if found.owner != space_of(member):
        raise words.not_your_file(doing)
    return found


async def shown(handler: Handler, member: Caller, task: Stream[Task]) -> dict[str, Any]:
    return shown_task(await row_of(handler, task), await user_of(handler, member))
