"""Group commit: who is served, in which order, and who hears of whose failure."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from events.append import Append, Appended
from events.ids import new_id
from events.refusals import TooLarge, Unavailable
from infra.appender import MAX_BACKGROUND, MAX_EVENTS, Appender
from tests.support.appends import an_append
from tests.support.log import Log, open_log
from tests.support.waiting import until


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


def queued(
    appender: Appender, append: Append, *, background: bool = False
) -> asyncio.Task[Appended]:
    return asyncio.create_task(appender.append(append, background=background))


async def settle() -> None:
    """Until every task that could run has run once."""
    await asyncio.sleep(0)


async def test_what_waits_together_is_committed_together(log: Log) -> None:
    await asyncio.gather(*(log.appender.append(an_append()) for _ in range(50)))
    assert log.appender.batches == 1
    assert log.appender.appended == 50


async def test_each_commit_is_told_once_with_its_head(log: Log) -> None:
    heads: list[int] = []
    log.on_commit = heads.append
    await asyncio.gather(*(log.appender.append(an_append(count=2)) for _ in range(5)))
    await log.appender.append(an_append(count=0))
    assert heads == [10]


async def test_a_batch_is_bounded_by_its_events(log: Log) -> None:
    await asyncio.gather(*(log.appender.append(an_append(count=600)) for _ in range(4)))
    assert log.appender.batches == 2


async def test_a_batch_is_bounded_by_its_bytes(log: Log) -> None:
    large = [an_append(count=20, size=256 << 10) for _ in range(4)]
    await asyncio.gather(*(log.appender.append(append) for append in large))
    assert log.appender.batches == 2


async def test_a_command_may_append_as_many_events_as_the_limit(log: Log) -> None:
    assert (await log.appender.append(an_append(count=MAX_EVENTS))).last_position == MAX_EVENTS


async def test_a_command_with_one_event_more_is_refused(log: Log) -> None:
    with pytest.raises(TooLarge):
        await log.appender.append(an_append(count=MAX_EVENTS + 1))


@pytest.mark.parametrize("place", [0, 17, 63])
async def test_a_command_that_fails_the_statement_fails_alone(log: Log, place: int) -> None:
    appends = [an_append() for _ in range(64)]
    appends[place] = an_append(topic="a\x00b")
    done = await asyncio.gather(
        *(log.appender.append(append) for append in appends), return_exceptions=True
    )
    assert isinstance(done[place], asyncpg.CharacterNotInRepertoireError)
    others = [one for one in done if isinstance(one, Appended) and one.outcome == "ok"]
    assert len(others) == 63
    assert [row.id for row in await log.store.after(0)] == list(range(1, 64))


async def test_a_command_that_cannot_be_encoded_fails_alone(log: Log) -> None:
    bad = an_append(topic="\ud800")
    first, second, third = await asyncio.gather(
        *(log.appender.append(append) for append in (an_append(), bad, an_append())),
        return_exceptions=True,
    )
    assert isinstance(second, asyncpg.DataError)
    assert isinstance(first, Appended)
    assert isinstance(third, Appended)


async def test_a_command_that_gives_a_version_twice_fails_alone(log: Log) -> None:
    append = an_append()
    twice = Append(
        command_id=append.command_id,
        account=None,
        fingerprint=b"",
        stream=append.stream,
        version=1,
        events=[*append.events, *append.events],
    )
    bad, good = await asyncio.gather(
        log.appender.append(twice), log.appender.append(an_append()), return_exceptions=True
    )
    assert isinstance(bad, asyncpg.UniqueViolationError)
    assert isinstance(good, Appended)
    assert await log.store.head() == 1


async def test_a_cancelled_caller_has_appended_nevertheless(log: Log) -> None:
    append = an_append()
    task = queued(log.appender, append)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = await log.appender.append(an_append())
    assert after.last_position == 2
    assert await log.store.command(append.command_id) is not None


async def test_background_appends_go_behind_those_that_somebody_waits_for(log: Log) -> None:
    small = Appender(log.url, on_commit=lambda head: None, batch_size=2)
    imports = [queued(small, an_append(), background=True) for _ in range(6)]
    await settle()
    commands = [queued(small, an_append()) for _ in range(3)]
    await settle()
    running = asyncio.create_task(small.run())
    commanded = [done.last_position for done in await asyncio.gather(*commands)]
    imported = [done.last_position for done in await asyncio.gather(*imports)]
    small.close()
    await running
    assert commanded == [1, 2, 3]
    assert imported == [4, 5, 6, 7, 8, 9]


async def test_background_appends_go_a_few_events_at_a_time(log: Log) -> None:
    imports = [queued(log.appender, an_append(count=200), background=True) for _ in range(5)]
    done = await asyncio.gather(*imports)
    assert [one.last_position for one in done] == [200, 400, 600, 800, 1_000]
    assert log.appender.batches == 3


async def test_a_background_append_has_half_as_many_events_at_most(log: Log) -> None:
    most = an_append(count=MAX_BACKGROUND)
    assert (await log.appender.append(most, background=True)).last_position == MAX_BACKGROUND
    with pytest.raises(TooLarge):
        await log.appender.append(an_append(count=MAX_BACKGROUND + 1), background=True)


async def test_a_commit_whose_answer_was_lost_is_told_when_it_is_found(log: Log) -> None:
    append = an_append(count=2)
    await log.appender.append(append)
    heads: list[int] = []
    log.on_commit = heads.append
    assert (await log.appender.append(append)).outcome == "duplicate"
    assert heads == [2]
    assert log.appender.appended == 2


async def test_a_full_queue_refuses_at_once(log: Log) -> None:
    idle = Appender(log.url, on_commit=lambda head: None, queue_size=2)
    waiting = [queued(idle, an_append()) for _ in range(2)]
    await settle()
    with pytest.raises(Unavailable) as refused:
        await idle.append(an_append())
    assert refused.value.retry_after > 0
    running = asyncio.create_task(idle.run())
    assert [done.outcome for done in await asyncio.gather(*waiting)] == ["ok", "ok"]
    idle.close()
    await running


async def test_closing_serves_those_who_wait_and_refuses_others(log: Log) -> None:
    waiting = [queued(log.appender, an_append()) for _ in range(450)]
    await settle()
    log.appender.close()
    with pytest.raises(Unavailable):
        await log.appender.append(an_append())
    assert {done.outcome for done in await asyncio.gather(*waiting)} == {"ok"}


async def test_an_appender_that_is_cancelled_leaves_nobody_waiting(log: Log) -> None:
    own = Appender(log.url, on_commit=lambda head: None)
    running = asyncio.create_task(own.run())
    waiting = [queued(own, an_append()) for _ in range(3)]
    await settle()
    await settle()
    running.cancel()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in done)
    with pytest.raises(Unavailable):
        await own.append(an_append())


async def test_a_database_that_is_not_there_is_unavailable_and_not_the_commands_fault(
    database: str,
) -> None:
    own = Appender(database + "_gone", on_commit=lambda head: None)
    running = asyncio.create_task(own.run())
    with pytest.raises(Unavailable):
        await own.append(an_append())
    own.close()
    await running


async def test_whoever_repeats_a_command_finds_out_what_became_of_it(log: Log) -> None:
    append = an_append(command=new_id())
    task = queued(log.appender, append)
    await settle()
    task.cancel()
    await until(lambda: log.appender.appended == 1)
    assert (await log.appender.append(append)).outcome == "duplicate"
