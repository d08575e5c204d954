"""TaskHub's one shared workspace, which everybody who registers there joins."""

from uuid import UUID, uuid4

from commands.base import Command
from commands.handler import Handler
from commands.workspaces import WORKSPACES, AddMember, CreateWorkspace
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Conflict
from events.spaces import SYSTEM, shared_space

SPACE = shared_space("taskhub")


async def join(handler: Handler, account: UUID) -> int:
    """The log's position after it. Who belongs to it already stays as they are."""
    commands: list[Command] = []
    space = await handler.load(SPACE, WORKSPACES)
    if space.version == 0:
        commands.append(CreateWorkspace(stream=SPACE, owner=SYSTEM, name="TaskHub"))
    elif account in space.state.members:
        return 0
    commands.append(AddMember(stream=SPACE, account=account, role="member"))
    try:
        outcome = await handler.handle(commands, _by_the_system())
    except Conflict as conflict:
        if conflict.code not in ("exists", "already-a-member"):
            raise
        return await join(handler, account)
    return outcome.position


def _by_the_system() -> CommandRequest:
    return CommandRequest(caller=Caller(account=SYSTEM), command_id=uuid4(), correlation=uuid4())
