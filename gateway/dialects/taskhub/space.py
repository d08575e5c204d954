"""TaskHub's one shared workspace, which everybody who registers there joins."""

from collections.abc import Sequence
from uuid import UUID

from commands.base import Command
from commands.handler import Handler
from commands.workspaces import WORKSPACES, AddMember, CreateWorkspace
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import Conflict
from events.spaces import SYSTEM, shared_space

SPACE = shared_space("taskhub")


async def join(handler: Handler, account: UUID) -> int:
    """The log's position after it. Who belongs to it already stays as they are."""
    return await join_all(handler, [account])


async def join_all(handler: Handler, accounts: Sequence[UUID]) -> int:
    """As `join`, all of them or none."""
    commands: list[Command] = []
    space = await handler.load(SPACE, WORKSPACES)
    if space.version == 0:
        commands.append(CreateWorkspace(stream=SPACE, owner=SYSTEM, name="TaskHub"))
    commands += [
        AddMember(stream=SPACE, account=account, role="member")
        for account in accounts
        if account not in space.state.members
    ]
    if not commands:
        return 0
    try:
        outcome = await handler.handle(commands, _by_the_system())
    except Conflict as conflict:
        if conflict.code not in ("exists", "already-a-member"):
            raise
        return await join_all(handler, accounts)
    return outcome.position


def _by_the_system() -> CommandRequest:
    return CommandRequest(caller=Caller(account=SYSTEM), command_id=new_id(), correlation=new_id())
