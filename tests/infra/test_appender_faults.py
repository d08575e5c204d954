"""What becomes of commands when Postgres dies, hangs or comes back under them?"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import psutil
import pytest

from events.append import Append, Appended
from events.refusals import Unavailable
from infra import appender as module
from infra.appender import Appender
from infra.embedded.postgres import EmbeddedPostgres
from infra.postgres import LOST, Connection, connect
from infra.verify import verify_log
from tests.support.appends import an_append
from tests.support.cutting import Cutting
from tests.support.log import Log, open_log
from tests.support.waiting import until, until_so

ROUNDS = 60
CALLERS = 16
RANDOM = Random(20260301)


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


async def patiently(appender: Appender, append: Append) -> Appended:
    """As a client does that has an idempotency key."""
    while True:
        try:
            return await appender.append(append)
        except Unavailable:
            continue


async def callers_until(stop: asyncio.Event, appender: Appender) -> list[Append]:
    sent: list[Append] = []

    async def call() -> None:
        while not stop.is_set():
            append = an_append(count=RANDOM.randint(0, 3))
            sent.append(append)
            assert (await patiently(appender, append)).outcome in ("ok", "duplicate")

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    return sent


async def assert_exactly_once(log: Log, sent: list[Append]) -> None:
    assert await log.store.head() == sum(len(append.events) for append in sent)
    async with log.pool.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM commands") == len(sent)
    assert [finding async for finding in verify_log(log.pool)] == []


async def batches(log: Log, more: int) -> None:
    reached = log.appender.batches + more
    await until(lambda: log.appender.batches >= reached)


async def kill_backends(killer: Connection) -> int:
    """All of this database but the killer's own; how many were busy, committing perhaps."""
    rows = await killer.fetch(
        "SELECT state, pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return sum(row["state"] == "active" for row in rows)


async def test_commands_happen_exactly_once_however_often_their_backend_is_killed(
    log: Log,
) -> None:
    stop = asyncio.Event()
    calling = asyncio.create_task(callers_until(stop, log.appender))
    killer = await connect(log.url)
    busy = 0
    try:
        for _ in range(ROUNDS):
            await batches(log, RANDOM.randint(1, 4))
            await asyncio.sleep(0.003 * RANDOM.random())  # any instant of a batch
            busy += await kill_backends(killer)
    finally:
        await killer.close()
        stop.set()
    sent = await calling
    assert busy > ROUNDS // 10
    await assert_exactly_once(log, sent)


@pytest.mark.parametrize(("lost", "outcome"), [("request", "ok"), ("answer", "duplicate")])
async def test_a_command_whose_request_or_answer_is_lost_happens_once(
    log: Log, lost: str, outcome: str
) -> None:
    cutting = Cutting(log.url)
    async with cutting as url:
        appender = Appender(url, on_commit=lambda head: None)
        running = asyncio.create_task(appender.run())
        sent = [an_append(count=2) for _ in range(10)]
        await appender.append(sent[0])
        for append in sent[1:]:
            cutting.what = lost
            done = await appender.append(append)
            assert cutting.what is None
            assert (done.outcome, done.event_count) == (outcome, 2)
        appender.close()
        await running
    await assert_exactly_once(log, sent)


async def test_what_was_given_up_waits_for_nothing_any_more(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind a commit that waits for a disk or a standby. Each would keep a connection busy
    until then, and be appended long after its caller was told to try again."""
    monkeypatch.setattr(module, "_BATCH_SECONDS", 0.5)
    holder = await connect(log.url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock(7236481)")
            with pytest.raises(Unavailable):
                await log.appender.append(an_append())

            async def nobody_waits() -> bool:
                return not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")

            await until_so(nobody_waits)
    finally:
        await holder.close()
    await assert_exactly_once(log, [])
    await log.appender.append(one := an_append())
    await assert_exactly_once(log, [one])


class Frozen:
    """The server and all its children, stopped as by a hung machine."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        postmaster = psutil.Process(server.pid)
        self._processes = [postmaster, *postmaster.children(recursive=True)]

    def __enter__(self) -> None:
        for process in self._processes:
            process.suspend()

    def __exit__(self, *error: object) -> None:
        for process in reversed(self._processes):
            process.resume()


@pytest.fixture
async def server(data_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(data_folder) as started:
        yield started


async def test_callers_of_a_hung_postgres_fail_within_five_seconds_and_it_heals(
    server: EmbeddedPostgres,
) -> None:
    async with open_log(server.url) as log:
        first = an_append()
        await log.appender.append(first)
        sent = [an_append() for _ in range(20)]
        with Frozen(server):
            since = time.monotonic()
            in_flight = [asyncio.create_task(log.appender.append(one)) for one in sent[:10]]
            await asyncio.sleep(0)
            later = [asyncio.create_task(log.appender.append(one)) for one in sent[10:]]
            done = await asyncio.gather(*in_flight, *later, return_exceptions=True)
            waited = time.monotonic() - since
        assert all(isinstance(one, Unavailable) for one in done)
        assert waited < 5
        since = time.monotonic()
        await asyncio.gather(*(patiently(log.appender, append) for append in sent))
        assert time.monotonic() - since < 5
        await assert_exactly_once(log, [first, *sent])


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGKILL], ids=lambda how: how.name)
async def test_commands_happen_exactly_once_while_postgres_is_killed_and_started_again(
    server: EmbeddedPostgres, how: signal.Signals
) -> None:
    async with open_log(server.url) as log:
        stop = asyncio.Event()
        calling = asyncio.create_task(callers_until(stop, log.appender))
        for _ in range(3):
            await batches(log, RANDOM.randint(5, 20))
            os.kill(server.pid, how)
            await server.wait()
            await server.start()
        stop.set()
        sent = await calling
        await until_connected(log)
        await assert_exactly_once(log, sent)


async def until_connected(log: Log) -> None:
    """The pool of the readers has connections that died with the server."""
    while True:
        try:
            await log.store.head()
        except (*LOST, Unavailable):
            continue
        return
