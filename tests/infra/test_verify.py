"""Does verification name what was tampered with, and keep quiet about what was not?"""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from events.append import ClaimChange
from events.ids import new_id
from events.tags import TagCreated
from events.tasks import TaskCreated, TaskStarted
from infra.event_store import EventStore
from infra.keys import Keys
from infra.retention import delete_old_command_records
from infra.verify import Finding, verify_log
from tests.support.appends import an_append
from tests.support.log import MASTER_KEY, Log, append_facts, open_log


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    """Ten events: positions 1 to 3 are of one command and stream, the others of one each."""
    async with open_log(database) as opened:
        await opened.appender.append(an_append(STREAM, count=3))
        for _ in range(7):
            await opened.appender.append(an_append())
        yield opened


STREAM = new_id()


async def findings(log: Log, retention_days: int = 30) -> list[tuple[str, int | None]]:
    found = [finding async for finding in verify_log(log.pool, retention_days=retention_days)]
    assert all(finding.detail for finding in found)
    return [(finding.problem, finding.position) for finding in found]


async def tamper(log: Log, change: str, position: int, table: str = "events") -> None:
    column = "notification_id" if table == "events" else "last_position"
    await log.execute(f"{change} WHERE {column} = $1", position)


async def test_an_untouched_log_is_what_it_was(log: Log) -> None:
    assert await findings(log) == []


async def test_an_empty_log_is_what_it_was(database: str) -> None:
    async with open_log(database) as log:
        assert await findings(log) == []


async def test_refused_and_empty_commands_leave_nothing_to_find(log: Log) -> None:
    await log.appender.append(an_append(STREAM))
    await log.appender.append(an_append(count=0))
    assert await findings(log) == []


@pytest.mark.parametrize(
    "change",
    [
        "state = state || '\\x00'",
        "metadata = metadata || ' '",
        "topic = 'task.completed'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "originator_id = gen_random_uuid()",
    ],
)
async def test_a_changed_event_is_named(log: Log, change: str) -> None:
    await tamper(log, f"UPDATE events SET {change}", 5)
    assert ("leaf", 5) in await findings(log)
    assert {position for _, position in await findings(log)} == {5}


async def test_a_changed_event_whose_leaf_was_made_to_fit_is_named(log: Log) -> None:
    await tamper(log, "UPDATE events SET state = '\\x00', leaf = leaf_of(notification_id, "
                 "originator_id, originator_version, topic, recorded_at, occurred_at, '\\x00', "
                 "metadata)", 5)  # fmt: skip
    assert await findings(log) == [("digest", 5)]


async def test_a_changed_event_whose_leaf_and_digest_were_made_to_fit_shows_in_the_next(
    log: Log,
) -> None:
    await tamper(log, "UPDATE events SET digest = sha256(digest)", 5)
    assert await findings(log) == [("digest", 5), ("digest", 6)]


async def test_a_missing_event_is_named(log: Log) -> None:
    await tamper(log, "DELETE FROM events", 5)
    assert ("hole", 5) in await findings(log)


async def test_a_missing_first_event_is_named(log: Log) -> None:
    await tamper(log, "DELETE FROM events", 1)
    assert (await findings(log))[0] == ("hole", 1)


async def test_a_missing_end_is_found_by_the_commands_that_reach_beyond_it(log: Log) -> None:
    await tamper(log, "DELETE FROM events", 10)
    assert await findings(log) == [("command", 10)]


async def test_an_event_recorded_before_its_predecessor_is_named(log: Log) -> None:
    await tamper(log, "UPDATE events SET recorded_at = recorded_at - interval '1 day'", 5)
    assert ("time", 5) in await findings(log)


async def test_a_version_that_follows_no_other_is_named(log: Log) -> None:
    await tamper(log, "UPDATE events SET originator_version = 7", 3)
    assert ("version", 3) in await findings(log)


async def test_an_event_moved_to_another_owner_is_named(log: Log) -> None:
    await tamper(log, "UPDATE events SET owner_id = gen_random_uuid()", 2)
    assert ("owner", 2) in await findings(log)


async def test_a_missing_command_record_is_named_by_its_first_event(log: Log) -> None:
    await tamper(log, "DELETE FROM commands", 3, "commands")
    assert await findings(log) == [("command", 1)]


async def test_a_command_record_that_tells_of_other_events_is_named(log: Log) -> None:
    await tamper(log, "UPDATE commands SET event_count = 2", 3, "commands")
    assert await findings(log) == [("command", 1)]


async def test_a_command_record_of_events_that_another_caused_is_named(log: Log) -> None:
    await tamper(log, "UPDATE commands SET command_id = gen_random_uuid()", 5, "commands")
    assert await findings(log) == [("command", 5), ("command", 5)]


async def test_a_record_that_was_old_enough_to_be_forgotten_is_not_missed(log: Log) -> None:
    await log.execute("UPDATE commands SET recorded_at = recorded_at - interval '31 days'")
    assert await delete_old_command_records(log.pool, 30, batch=3) == 8
    assert len(await findings(log)) == 8
    assert await findings(log, retention_days=0) == []


async def test_young_command_records_are_kept(log: Log) -> None:
    assert await delete_old_command_records(log.pool, 30) == 0
    assert await findings(log) == []


async def test_a_claim_of_a_stream_without_events_is_found(log: Log) -> None:
    stream = new_id()
    await log.appender.append(an_append(stream, claims=[ClaimChange(b"ada", stream)]))
    assert await findings(log) == []
    await log.execute("INSERT INTO claims VALUES ('bob', gen_random_uuid())")
    assert await findings(log) == [("claim", None)]


async def test_progress_is_told_up_to_the_head(log: Log) -> None:
    told: list[tuple[int, int]] = []
    findings = verify_log(log.pool, progress=lambda position, head: told.append((position, head)))
    assert [finding async for finding in findings] == []
    assert told == [(10, 10)]


async def test_a_log_can_be_verified_while_it_is_written(log: Log) -> None:
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await log.appender.append(an_append(count=2))

    writing = [asyncio.create_task(write()) for _ in range(4)]
    for _ in range(10):
        assert await findings(log) == []
    stop.set()
    await asyncio.gather(*writing)


async def opened(log: Log) -> list[Finding]:
    """With the keys, as a process that has none in memory."""
    keys = Keys(log.pool, MASTER_KEY)
    return [finding async for finding in verify_log(log.pool, keys=keys)]


async def test_with_the_keys_an_event_that_does_not_open_is_named(database: str) -> None:
    async with open_log(database) as log:
        stream, owner = new_id(), new_id()
        facts = [TaskCreated(title="t"), TaskStarted()]
        await append_facts(log, facts, stream=stream, owner=owner)
        await append_facts(log, [TagCreated(name="n", workspace=owner)])
        assert await opened(log) == []
        await tamper(log, "UPDATE events SET state = set_byte(state, 20, 0)", 2)
        assert [(f.problem, f.position) for f in await opened(log)] == [("leaf", 2), ("sealed", 2)]


async def test_a_damaged_sealing_key_is_named_once(database: str) -> None:
    async with open_log(database) as log:
        owner = new_id()
        for title in ("one", "two", "three"):
            await append_facts(log, [TaskCreated(title=title)], owner=owner)
        await log.execute(
            "UPDATE secrets SET value = substr(value, 2) WHERE owner = $1 AND kind = 'sealing-key'",
            owner,
        )
        assert [(f.problem, f.position) for f in await opened(log)] == [("key", 1)]


async def test_an_erased_owner_is_no_finding(database: str) -> None:
    async with open_log(database) as log:
        await append_facts(log, [TaskCreated(title="t")])
        await log.execute("DELETE FROM secrets")
        assert await opened(log) == []


async def test_the_log_id_stands_at_the_beginning_of_the_chain(log: Log) -> None:
    await log.execute("UPDATE log SET log_id = gen_random_uuid()")
    assert (await EventStore.open(log.pool)).log_id != UUID(int=0)
    assert await findings(log) == [("digest", 1)]
