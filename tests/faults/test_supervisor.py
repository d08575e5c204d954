"""Is anything lost or left over when the whole of it is killed, or asked to stop?"""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.infra.test_supervisor import python_for
from tests.support.demands import demand_everything
from tests.support.servers import fast_places, is_gone, reachable_folder
from tests.support.system import BECOME, NOBODY, System, starting
from tests.support.traffic import Traffic, traffic
from tests.support.waiting import until


@pytest.fixture(scope="module")
async def folder() -> AsyncIterator[Path]:
    """For one system after another."""
    with reachable_folder(fast_places()) as folder:
        yield folder / "data"


async def test_nothing_acknowledged_is_lost_with_the_supervisor(folder: Path) -> None:
    async with starting(folder) as first:
        print("\nfirst start", await first.ready())
        async with traffic(first) as flow:
            await flow.instant()
            family = first.family()
            fault = time.monotonic()
            os.kill(first.process.pid, signal.SIGKILL)
            await until(lambda: all(is_gone(process) for process in family))
            print("all gone after", time.monotonic() - fault)
            assert len(family) > 10
            await first.process.wait()
            async with starting(folder, settings={"PORT": first.environment["PORT"]}) as second:
                print("second start", await second.ready())
                await flow.more(40)
                flow.tell("the supervisor killed", fault)
                await demand_everything(second, flow)
                assert await second.terminated() == 0, second.said


async def test_what_is_under_way_is_finished_when_it_is_told_to_stop(folder: Path) -> None:
    async with starting(folder) as system:
        await system.ready()
        async with traffic(system) as flow:
            await flow.instant()
            asked = time.monotonic()
            family = system.family()
            async with half_sent(system, flow) as rest:
                stopping = asyncio.create_task(system.terminated())
                await until(lambda: flow.endings[1012] == len(flow.writers))
                await rest()
            assert await stopping == 0, system.said
            took = time.monotonic() - asked
            print("\nstopped after", took, flow.answers, flow.endings)
            assert took < 20
            assert all(is_gone(process) for process in family)
            async with starting(folder, settings={"PORT": system.environment["PORT"]}) as again:
                await again.ready()
                await flow.more(10)
                await demand_everything(again, flow)
                await demand_one_system(again)
                assert await again.terminated() == 0, again.said


@asynccontextmanager
async def half_sent(system: System, flow: Traffic) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """A command of which half has arrived; call it to send the rest and to be answered."""
    writer, key = flow.writers[0], "sent in halves"
    writer.sent.append(key)
    body = json.dumps(writer.body(key), separators=(",", ":")).encode()  # as when it is repeated
    head = (
        "POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: {writer.client.headers['Authorization']}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    reading, writing = await asyncio.open_connection("127.0.0.1", int(system.environment["PORT"]))
    writing.write(head.encode() + body[:9])
    await writing.drain()
    await flow.more(4)  # until it surely has been read

    async def rest() -> None:
        writing.write(body[9:])
        head, _, answer = (await reading.read()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201 "), head
        writer.acknowledged[key] = json.loads(answer)

    try:
        yield rest
    finally:
        writing.close()
        with suppress(OSError):
            await writing.wait_closed()


async def demand_one_system(running: System) -> None:
    """A second one on the same folder says so and goes."""
    code, said = await running.tasktrail("up")
    assert code == 1
    assert said == (
        f"tasktrail: tasktrail is already running in {running.folder}"
        f" (process {running.process.pid})\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="root can become another user, others cannot")
async def test_it_runs_as_an_unprivileged_user() -> None:
    with reachable_folder(fast_places()) as folder:
        os.chown(folder, NOBODY.uid, NOBODY.gid)
        async with starting(folder / "data", before=BECOME, python=python_for(NOBODY)) as system:
            await system.ready()
            async with traffic(system) as flow:
                await flow.more(20)
            assert {process.uids().real for process in system.family()} == {NOBODY.uid}
            assert await system.terminated() == 0, system.said
