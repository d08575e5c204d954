"""`tasktrail dead-letters`: what projectors or mail servers did not take, and another try."""

from uuid import UUID

from gateway.bootstrap.rebuilding import chosen
from gateway.bootstrap.services import open_log
from infra.outbox import Parked, parked_mails, send_parked_again
from infra.settings import Settings
from projections import dead_letters
from projections.dead_letters import DeadLetter

MAIL = "mail"


async def listed(settings: Settings) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    async with open_log(settings) as log:
        while page := await dead_letters.dead_letters(
            log.pool, after=letters[-1].position if letters else 0
        ):
            letters += page
        letters += [_of_mail(parked) for parked in await parked_mails(log.pool)]
    return letters


def _of_mail(parked: Parked) -> DeadLetter:
    """Where a projection has a stream, a mail has the account that it is for."""
    return DeadLetter(
        parked.position, MAIL, parked.account, parked.topic, parked.reason, parked.parked_at
    )


async def replayed(settings: Settings, projection: str, stream: UUID) -> int:
    """How many events of the stream were projected after all, or how many mails to the account
    will be sent again."""
    if projection == MAIL:
        async with open_log(settings) as log:
            return await send_parked_again(log.pool, stream)
    [wanted] = chosen([projection])
    async with open_log(settings) as log:
        return await dead_letters.replay(log.pool, wanted, log.reader, stream)
