"""`tasktrail disable` and `enable`: what only who runs the system may do to an account."""

from collections.abc import Callable
from uuid import UUID

from commands.accounts import DisableAccount, EnableAccount, normal
from commands.base import Command
from commands.handler import Handler
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import NotFound
from gateway.bootstrap.services import make_handler, open_appender, open_log, prepare_database
from infra.settings import Settings


async def disable(settings: Settings, login: str) -> None:
    """Raises `NotFound`."""
    await _tell(settings, login, lambda account: DisableAccount(stream=account))


async def enable(settings: Settings, login: str) -> None:
    """Raises `NotFound`."""
    await _tell(settings, login, lambda account: EnableAccount(stream=account))


async def _tell(settings: Settings, login: str, command: Callable[[UUID], Command]) -> None:
    await prepare_database(settings)
    async with open_log(settings) as log, open_appender(log) as appender:
        handler = make_handler(log, appender)
        account = await _account_of(handler, normal(login.strip()))
        request = CommandRequest(caller=Caller(), command_id=new_id(), correlation=new_id())
        await handler.handle([command(account)], request)


async def _account_of(handler: Handler, name: str) -> UUID:
    for kind in ("email", "username"):
        found = await handler.claimed_by(kind, name)
        if found is not None:
            return found
    raise NotFound("nobody has this e-mail or username")
