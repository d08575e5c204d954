"""Mails that are owed are sent, put off, parked, and sent again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
import pytest

from events.ids import new_id
from events.refusals import Unavailable
from infra.mail import Mail, MailDeferred, MailRefused, ServerAway
from infra.outbox import ATTEMPTS, Outbox, owe, parked_mails, send_parked_again
from tests.support.log import Log, append_tasks, open_log

EVE, BOB = new_id(), new_id()


class Letter(msgspec.Struct, frozen=True):
    to: str
    subject: str = ""
    text: str = ""
    html: str = ""
    message_id: str = ""


@dataclass
class Post:
    """An outbox on a real table; what becomes of each account's mail is set by the test."""

    log: Log
    fate: dict[UUID, Exception] = field(default_factory=dict)
    unwanted: set[UUID] = field(default_factory=set)
    unwritable: dict[UUID, Exception] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)

    @property
    def outbox(self) -> Outbox:
        return Outbox(
            self.log.pool, compose=self.compose, send=self.send, pause=lambda attempts: 0.0
        )

    async def compose(self, position: int, account: UUID) -> Mail | None:
        if error := self.unwritable.get(account):
            raise error
        return None if account in self.unwanted else Letter(to=str(account))

    async def send(self, mail: Mail) -> None:
        if error := self.fate.get(UUID(mail.to)):
            raise error
        self.sent.append(mail.to)

    async def owe(self, *accounts: UUID) -> None:
        async with self.log.pool.connection() as connection:
            await owe(connection, [(1, account) for account in accounts])

    async def owed(self) -> list[tuple[UUID, int]]:
        rows = await self.log.pool.fetch(
            "SELECT account, attempts FROM mails WHERE parked_at IS NULL ORDER BY due_at"
        )
        return [(row["account"], row["attempts"]) for row in rows]


@pytest.fixture
async def post(database: str) -> AsyncIterator[Post]:
    async with open_log(database) as log:
        await append_tasks(log, 1)
        yield Post(log)


async def test_what_is_owed_is_sent_and_forgotten(post: Post) -> None:
    await post.owe(EVE, BOB)
    await post.owe(EVE)
    assert await post.outbox.deliver() == 2
    assert sorted(post.sent) == sorted([str(EVE), str(BOB)])
    assert await post.outbox.deliver() == 0


async def test_what_nobody_wants_any_more_is_forgotten(post: Post) -> None:
    await post.owe(EVE)
    post.unwanted.add(EVE)
    await post.outbox.deliver()
    assert (post.sent, await post.owed()) == ([], [])


async def test_what_is_put_off_is_tried_again_and_then_parked(post: Post) -> None:
    await post.owe(EVE)
    post.fate[EVE] = MailDeferred("the server answers 451")
    for attempt in range(1, ATTEMPTS):
        await post.outbox.deliver()
        assert await post.owed() == [(EVE, attempt)]
    await post.outbox.deliver()
    assert await post.owed() == []
    [parked] = await parked_mails(post.log.pool)
    assert (parked.account, parked.position, parked.topic) == (EVE, 1, "task.created")
    assert parked.reason == f"the server answers 451, {ATTEMPTS} times"


async def test_what_is_put_off_waits_its_time(post: Post) -> None:
    await post.owe(EVE)
    post.fate[EVE] = MailDeferred("later")
    slow = Outbox(post.log.pool, compose=post.compose, send=post.send)
    assert await slow.deliver() == 1
    assert await slow.deliver() == 0
    assert await post.owed() == [(EVE, 1)]


async def test_what_is_refused_is_parked_at_once_and_keeps_nobody_back(post: Post) -> None:
    await post.owe(EVE)
    await post.owe(BOB)
    post.fate[EVE] = MailRefused("the server answers 550")
    await post.outbox.deliver()
    assert post.sent == [str(BOB)]
    assert [parked.account for parked in await parked_mails(post.log.pool)] == [EVE]
    del post.fate[EVE]
    assert await send_parked_again(post.log.pool, EVE) == 1
    assert await send_parked_again(post.log.pool, EVE) == 0
    await post.outbox.deliver()
    assert post.sent == [str(BOB), str(EVE)]


@pytest.mark.parametrize(
    "error",
    [ValueError("a line end in a header"), Unavailable("an event of it", code="unreadable")],
)
async def test_what_cannot_be_written_keeps_nobody_back(post: Post, error: Exception) -> None:
    await post.owe(EVE)
    await post.owe(BOB)
    post.unwritable[EVE] = error
    await post.outbox.deliver()
    assert post.sent == [str(BOB)]
    assert await post.owed() == [(EVE, 1)]


async def test_while_the_log_is_away_no_mail_is_blamed(post: Post) -> None:
    await post.owe(EVE)
    post.unwritable[EVE] = Unavailable("the database is away")
    with pytest.raises(Unavailable):
        await post.outbox.deliver()
    assert await post.owed() == [(EVE, 0)]


async def test_while_the_server_is_away_no_mail_is_blamed(post: Post) -> None:
    await post.owe(EVE)
    post.fate[EVE] = ServerAway("nobody there")
    with pytest.raises(ServerAway):
        await post.outbox.deliver()
    assert await post.owed() == [(EVE, 0)]


async def test_after_a_day_a_mail_is_given_up(post: Post) -> None:
    await post.owe(EVE)
    await post.log.execute("UPDATE mails SET owed_at = owed_at - interval '25 hours'")
    assert await post.outbox.deliver() == 0
    [parked] = await parked_mails(post.log.pool)
    assert "for a day" in parked.reason
