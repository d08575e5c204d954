"""The mails that are owed, until a server has taken them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec

from events.refusals import Unavailable
from infra.mail import Mail, MailDeferred, MailRefused, ServerAway
from infra.postgres import Pool, PooledConnection

_log = logging.getLogger(__name__)

ATTEMPTS = 10
_PAGE = 50
_LOOK_EVERY = 2.0
_LONGEST_PAUSE = 60.0
# While no server takes anything mails wait; after that long nobody wants them any more.
_GIVEN_UP_HOURS = 24

Compose = Callable[[int, UUID], Awaitable[Mail | None]]
Send = Callable[[Mail], Awaitable[None]]


class Owed(msgspec.Struct, frozen=True):
    position: int
    account: UUID
    attempts: int = 0


class Parked(msgspec.Struct, frozen=True):
    position: int
    account: UUID
    topic: str
    reason: str
    parked_at: datetime


async def owe(connection: PooledConnection, mails: Sequence[tuple[int, UUID]]) -> None:
    await connection.executemany(
        "INSERT INTO mails (position, account) VALUES ($1, $2) ON CONFLICT DO NOTHING", mails
    )


class Outbox:
    """Sends what is owed, each mail for itself, until the server has taken it: at least once.

    `compose` answers None where there is nothing to say any more. A mail that the server puts off
    is tried again after `pause(attempts)` seconds.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        compose: Compose,
        send: Send,
        pause: Callable[[int], float] = lambda attempts: 2.0**attempts,
    ) -> None:
        self._pool = pool
        self._compose = compose
        self._send = send
        self._pause = pause
        self._owing = asyncio.Event()

    def owing(self) -> None:
        """There is something to send."""
        self._owing.set()

    async def run(self) -> None:
        """For ever."""
        pause = 1.0
        while True:
            self._owing.clear()
            try:
                while await self.deliver():
                    pause = 1.0
            except Exception as error:
                told = str(error) if isinstance(error, ServerAway) else type(error).__name__
                _log.warning("mails wait: %s", told)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._owing.wait()

    async def deliver(self) -> int:
        """Send what is due; how many were looked at. Raises `ServerAway`."""
        await self._give_up()
        due = await self._due()
        for owed in due:
            await self._deliver(owed)
        return len(due)

    async def _deliver(self, owed: Owed) -> None:
        try:
            mail = await self._compose(owed.position, owed.account)
            if mail is not None:
                await self._send(mail)
        except ServerAway:
            raise
        except Unavailable as refusal:
            if refusal.code != "unreadable":
                raise
            await self._put_off_or_park(owed, refusal.detail)
        except MailRefused as error:
            await self._park(owed, str(error))
        except MailDeferred as error:
            await self._put_off_or_park(owed, str(error))
        except Exception as error:  # one mail that cannot be written keeps no other back
            await self._put_off_or_park(owed, f"it cannot be written: {type(error).__name__}")
        else:
            await self._execute("DELETE FROM mails WHERE position = $1 AND account = $2", owed)

    async def _put_off_or_park(self, owed: Owed, reason: str) -> None:
        if owed.attempts + 1 >= ATTEMPTS:
            await self._park(owed, f"{reason}, {ATTEMPTS} times")
        else:
            await self._put_off(owed, reason)

    async def _due(self) -> list[Owed]:
        rows = await self._pool.fetch(
            "SELECT position, account, attempts FROM mails"
            " WHERE parked_at IS NULL AND due_at <= clock_timestamp() ORDER BY due_at LIMIT $1",
            _PAGE,
        )
        return [Owed(*row.values()) for row in rows]

    async def _put_off(self, owed: Owed, reason: str) -> None:
        await self._execute(
            "UPDATE mails SET attempts = attempts + 1, reason = $3,"
            " due_at = clock_timestamp() + make_interval(secs => $4)"
            " WHERE position = $1 AND account = $2",
            owed,
            reason,
            self._pause(owed.attempts + 1),
        )

    async def _park(self, owed: Owed, reason: str) -> None:
        _log.error("a mail about the event at position %d is parked: %s", owed.position, reason)
        await self._execute(
            "UPDATE mails SET parked_at = clock_timestamp(), reason = $3"
            " WHERE position = $1 AND account = $2",
            owed,
            reason,
        )

    async def _give_up(self) -> None:
        await self._pool.fetch(
            "UPDATE mails SET parked_at = clock_timestamp(),"
            " reason = coalesce(reason, 'no server took it for a day') WHERE parked_at IS NULL"
            " AND owed_at < clock_timestamp() - make_interval(hours => $1)",
            _GIVEN_UP_HOURS,
        )

    async def _execute(self, statement: str, owed: Owed, *arguments: object) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, owed.position, owed.account, *arguments)


async def parked_mails(pool: Pool) -> list[Parked]:
    rows = await pool.fetch(
        "SELECT m.position, m.account, e.topic, m.reason, m.parked_at FROM mails m"
        " JOIN events e ON e.notification_id = m.position WHERE m.parked_at IS NOT NULL"
        " ORDER BY m.position, m.account"
    )
    return [Parked(*row.values()) for row in rows]


async def send_parked_again(pool: Pool, account: UUID) -> int:
    """How many mails to this account were parked."""
    rows = await pool.fetch(
        "UPDATE mails SET parked_at = NULL, reason = NULL, attempts = 0,"
        " owed_at = clock_timestamp(), due_at = clock_timestamp()"
        " WHERE account = $1 AND parked_at IS NOT NULL RETURNING position",
        account,
    )
    return len(rows)
