"""What the append function lets through, in which order, and what it leaves no trace of."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from events.append import Append, Appended, ClaimChange, Guard, SecretChange
from events.ids import new_id
from tests.support.appends import an_append
from tests.support.log import Log, open_log

KEY, OTHER_KEY = b"ada@example.org", b"bob@example.org"
FILLERS = 5


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


@pytest.fixture(params=["few", "many"])
def fillers(request: pytest.FixtureRequest) -> list[Append]:
    """A small batch is checked command by command, a larger one at first as a whole."""
    return [an_append() for _ in range(FILLERS if request.param == "many" else 0)]


async def together(log: Log, *appends: Append) -> list[Appended]:
    """In one batch: they are queued before the appender runs again."""
    before = log.appender.batches
    done = await asyncio.gather(*(log.appender.append(append) for append in appends))
    assert log.appender.batches == before + 1
    return done


async def outcomes(log: Log, fillers: list[Append], *appends: Append) -> list[str]:
    done = await together(log, *fillers, *appends)
    assert all(result.outcome == "ok" for result in done[: len(fillers)])
    return [result.outcome for result in done[len(fillers) :]]


async def count(log: Log, table: str) -> int:
    async with log.pool.connection() as connection:
        found: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
        return found


async def test_an_append_answers_with_its_last_position(log: Log) -> None:
    append = an_append(count=3)
    done = await log.appender.append(append)
    assert (done.outcome, done.last_position, done.event_count) == ("ok", 3, 3)
    assert (done.stream, done.version) == (append.stream, 3)
    assert await log.store.command(append.command_id) is not None


async def test_a_stream_reads_back_as_it_was_appended(log: Log) -> None:
    append = an_append(count=2)
    await log.appender.append(append)
    rows = await log.store.stream(append.stream)
    for version, (row, event) in enumerate(zip(rows, append.events, strict=True), 1):
        assert (row.id, row.originator_version) == (version, version)
        assert (row.topic, row.state, row.metadata) == (event.topic, event.state, event.metadata)
        assert (row.owner, row.occurred_at) == (event.owner, event.occurred_at)


async def test_two_commands_on_the_same_version_of_a_stream(
    log: Log, fillers: list[Append]
) -> None:
    stream = new_id()
    first, second = an_append(stream), an_append(stream)
    assert await outcomes(log, fillers, first, second) == ["ok", "conflict"]
    assert await log.store.command(second.command_id) is None


async def test_a_command_sees_what_an_earlier_one_of_its_batch_did(
    log: Log, fillers: list[Append]
) -> None:
    stream = new_id()
    chain = [an_append(stream, after=version) for version in range(4)]
    assert await outcomes(log, fillers, *chain) == ["ok"] * 4


async def test_the_same_command_twice_happens_once(log: Log, fillers: list[Append]) -> None:
    append = an_append()
    assert await outcomes(log, fillers, append, append) == ["ok", "duplicate"]
    assert await outcomes(log, [an_append() for _ in fillers], append) == ["duplicate"]
    assert len(await log.store.stream(append.stream)) == 1


async def test_a_duplicate_answers_what_the_first_one_did(log: Log) -> None:
    append = an_append(count=2)
    first = await log.appender.append(append)
    await log.appender.append(an_append())
    again = await log.appender.append(append)
    assert again.outcome == "duplicate"
    assert again.last_position == first.last_position == 2
    assert (again.event_count, again.version, again.recorded_at) == (2, 2, first.recorded_at)


async def test_a_command_that_changes_nothing_is_on_record_too(log: Log) -> None:
    await log.appender.append(an_append(count=3))
    nothing = an_append(count=0)
    done = await log.appender.append(nothing)
    assert (done.outcome, done.last_position, done.event_count) == ("ok", 3, 0)
    assert (await log.appender.append(nothing)).outcome == "duplicate"


async def test_a_guarded_stream_that_moved_on_is_a_conflict(
    log: Log, fillers: list[Append]
) -> None:
    guarded = new_id()
    await log.appender.append(an_append(guarded))
    stale, current = Guard(guarded, 0), Guard(guarded, 1)
    assert await outcomes(log, fillers, an_append(guards=[current]), an_append(guards=[stale])) == [
        "ok",
        "conflict",
    ]


async def test_a_guard_sees_what_an_earlier_command_of_its_batch_did(
    log: Log, fillers: list[Append]
) -> None:
    guarded = new_id()
    await log.appender.append(an_append(guarded))
    before, after = Guard(guarded, 1), Guard(guarded, 2)
    moves = an_append(guarded, after=1)
    assert await outcomes(
        log,
        fillers,
        an_append(guards=[before]),
        moves,
        an_append(guards=[before]),
        an_append(guards=[after]),
    ) == ["ok", "ok", "conflict", "ok"]


async def test_a_claimed_value_is_refused_to_others(log: Log, fillers: list[Append]) -> None:
    ada, bob = new_id(), new_id()
    first = an_append(ada, claims=[ClaimChange(KEY, ada)])
    second = an_append(bob, claims=[ClaimChange(OTHER_KEY, bob), ClaimChange(KEY, bob)])
    done = (await together(log, *fillers, first, second))[-2:]
    assert [result.outcome for result in done] == ["ok", "claimed"]
    assert (done[1].fingerprint, done[1].stream) == (KEY, bob)
    assert await log.store.claimed_by([KEY, OTHER_KEY]) == {KEY: ada}


async def test_a_claimed_value_may_be_claimed_again_by_its_holder(
    log: Log, fillers: list[Append]
) -> None:
    ada = new_id()
    claim = [ClaimChange(KEY, ada)]
    chain = [an_append(ada, claims=claim), an_append(ada, after=1, claims=claim)]
    assert await outcomes(log, fillers, *chain) == ["ok", "ok"]


async def test_a_released_value_is_free_for_the_next_command(
    log: Log, fillers: list[Append]
) -> None:
    ada, bob = new_id(), new_id()
    await log.appender.append(an_append(ada, claims=[ClaimChange(KEY, ada)]))
    release = an_append(ada, after=1, claims=[ClaimChange(KEY, ada, release=True)])
    assert await outcomes(
        log, fillers, release, an_append(bob, claims=[ClaimChange(KEY, bob)])
    ) == ["ok", "ok"]
    assert await log.store.claimed_by([KEY]) == {KEY: bob}


async def test_nobody_releases_what_another_holds(log: Log) -> None:
    ada, bob = new_id(), new_id()
    await log.appender.append(an_append(ada, claims=[ClaimChange(KEY, ada)]))
    await log.appender.append(an_append(bob, claims=[ClaimChange(KEY, bob, release=True)]))
    assert await log.store.claimed_by([KEY]) == {KEY: ada}


async def test_secrets_are_set_changed_and_deleted_with_the_append(log: Log) -> None:
    ada = new_id()

    async def password(after: int, value: bytes | None) -> bytes | None:
        secrets = [SecretChange(ada, "password", value)]
        await log.appender.append(an_append(ada, after=after, secrets=secrets))
        return await log.store.secret(ada, "password")

    assert await password(0, b"first") == b"first"
    assert await password(1, b"second") == b"second"
    assert await password(2, None) is None


async def test_a_refused_command_leaves_no_trace(log: Log, fillers: list[Append]) -> None:
    stream = new_id()
    await log.appender.append(an_append(stream))
    tables = ("events", "commands", "claims", "secrets")
    loser = an_append(
        stream,
        claims=[ClaimChange(KEY, stream)],
        secrets=[SecretChange(stream, "password", b"hash")],
    )
    before = [await count(log, table) for table in tables]
    assert await outcomes(log, fillers, loser) == ["conflict"]
    added = [len(fillers), len(fillers), 0, 0]
    assert [await count(log, table) for table in tables] == [
        was + more for was, more in zip(before, added, strict=True)
    ]


async def test_several_streams_in_one_append_are_contiguous_or_nothing(log: Log) -> None:
    def of(streams: list[UUID]) -> Append:
        parts = [an_append(stream, command=command, count=2) for stream in streams]
        return Append(
            command_id=command,
            account=None,
            fingerprint=b"",
            stream=streams[-1],
            version=2,
            events=[event for part in parts for event in part.events],
        )

    command, streams = new_id(), [new_id(), new_id(), new_id()]
    assert (await log.appender.append(of(streams))).last_position == 6
    command, others = new_id(), [new_id(), streams[0]]
    assert (await log.appender.append(of(others))).outcome == "conflict"
    assert await log.store.stream(others[0]) == []
