"""Is a file kept as it came, or not at all?"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from events.ids import new_id
from events.refusals import NotFound, TooLarge, Unavailable
from infra.embedded.s3 import EmbeddedS3
from infra.objects import PART, UPLOADS, Objects
from infra.spool import GATHERED
from tests.support.breaking import breaking
from tests.support.files import arriving, keys_in, objects_in, read
from tests.support.waiting import until


@pytest.fixture
async def objects(s3: EmbeddedS3) -> AsyncIterator[Objects]:
    found = objects_in(s3, f"test-{uuid4().hex}")
    yield found
    await found.close()


@pytest.mark.parametrize("size", [1, GATHERED - 1, GATHERED, 2 * GATHERED + 7, PART, PART + 1])
async def test_a_file_comes_back_as_it_came(objects: Objects, size: int) -> None:
    sent = os.urandom(size)
    pieces = [sent[n : n + 70_001] for n in range(0, size, 70_001)]
    key = new_id()
    await objects.put(key, arriving(*pieces))
    assert await objects.size(key) == size
    assert await read(objects, key) == sent
    await objects.remove(key)
    assert await keys_in(objects) == set()


async def test_a_file_that_is_not_there_is_missing(objects: Objects) -> None:
    await objects.put(new_id(), arriving(b"x"))
    for asking in (objects.size, objects.open):
        with pytest.raises(NotFound):
            await asking(new_id())
    await objects.remove(new_id())


@pytest.mark.parametrize("size", [10, 2 * GATHERED])
async def test_what_is_refused_on_its_way_is_not_kept(objects: Objects, size: int) -> None:
    async def refused() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield bytes(size // 10)
        raise TooLarge("enough")

    with pytest.raises(TooLarge, match="enough"):
        await objects.put(new_id(), refused())
    assert await keys_in(objects) == set()


async def test_an_upload_that_is_given_up_is_not_kept(objects: Objects) -> None:
    stuck = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(2 * GATHERED)
        stuck.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(objects.put(new_id(), endless()))
    await stuck.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    await objects.put(new_id(), arriving(b"x"))
    assert len(await keys_in(objects)) == 1


async def test_a_link_needs_no_token_and_says_what_it_leads_to(objects: Objects) -> None:
    key = new_id()
    await objects.put(key, arriving(b"hello"), media_type="text/plain")
    link = objects.link(key, seconds=60, headers={"content-type": "text/plain"})
    async with httpx.AsyncClient() as client:
        answer = await client.get(link)
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert answer.headers["Content-Type"] == "text/plain"
        assert (await client.get(link.replace(str(key), str(new_id())))).status_code == 403


async def test_without_a_store_files_are_refused() -> None:
    objects = Objects(None)
    with pytest.raises(Unavailable, match="no object store"):
        await objects.put(new_id(), arriving(b"x"))
    with pytest.raises(Unavailable):
        objects.link(new_id(), seconds=1, headers={})
    await objects.close()


@pytest.mark.parametrize("size", [PART, 2 * PART])
async def test_a_store_that_dies_on_the_way_refuses_and_keeps_nothing(
    data_folder: Path, size: int
) -> None:
    async with EmbeddedS3(data_folder) as server:

        async def die() -> None:
            os.kill(server.pid, signal.SIGKILL)
            await server.wait()

        async with breaking(server.address, after=size - (4 << 20), meanwhile=die) as address:
            objects = objects_in(server, address=address)
            await objects.put(kept := new_id(), arriving(b"x"))
            with pytest.raises(Unavailable):
                await objects.put(new_id(), arriving(bytes(size)))
            with pytest.raises(Unavailable):
                await objects.size(kept)
            await server.start()
            assert await read(objects, kept) == b"x"
            assert await keys_in(objects) == {kept}
            await objects.close()


async def test_whoever_sends_fast_is_kept_waiting(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.spool.PACE", 1)
    taken: list[int] = []

    async def fast() -> AsyncIterator[bytes]:
        for number in range(3):
            taken.append(number)
            yield bytes(GATHERED)

    putting = asyncio.create_task(objects.put(new_id(), fast()))
    await until(lambda: taken)
    await asyncio.wait([putting], timeout=0.2)
    assert taken == [0]
    putting.cancel()
    await asyncio.wait([putting])


async def test_without_room_on_this_machine_a_file_is_refused(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    await objects.put(kept := new_id(), arriving(b"x"))
    monkeypatch.setattr("infra.spool.TemporaryFile", partial(Path("/dev/full").open, "w+b"))
    with pytest.raises(Unavailable, match="no room"):
        await objects.put(new_id(), arriving(b"x"))
    monkeypatch.undo()
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(Unavailable, match="no room"):
        await objects.put(new_id(), arriving(b"x"))
    assert await keys_in(objects) == {kept}


async def test_so_many_files_come_at_once_and_no_more(
    objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    await objects.put(new_id(), arriving(b"x"))
    monkeypatch.setattr("infra.store_threads.WAIT_SECONDS", 0.05)
    full, go_on = asyncio.Barrier(UPLOADS + 1), asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        await full.wait()
        await go_on.wait()
        yield b"x"

    putting = [asyncio.create_task(objects.put(new_id(), waiting())) for _ in range(UPLOADS)]
    async with asyncio.timeout(5):
        await full.wait()
    with pytest.raises(Unavailable, match="too many"):
        await objects.put(new_id(), arriving(b"x"))
    monkeypatch.undo()
    go_on.set()
    await asyncio.gather(*putting)
    assert len(await keys_in(objects)) == UPLOADS + 1
