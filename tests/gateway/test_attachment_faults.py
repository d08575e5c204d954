"""What becomes of files when their store fails, and how is that found out?"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from events.ids import new_id
from gateway.bootstrap.files import files_unlike_their_record
from gateway.bootstrap.services import Log
from infra.embedded.s3 import EmbeddedS3
from infra.objects import Objects
from infra.orphans import sweep
from queries.attachments import of_tasks
from tests.support.api import bearer, settings_for
from tests.support.app import RunningApp, running_app
from tests.support.breaking import breaking
from tests.support.cutting import Cutting
from tests.support.files import PNG, arriving, keys_in, objects_in, s3_settings, upload
from tests.support.people import Person, register
from tests.support.servers import fresh_database
from tests.support.waiting import until

BOUNDARY = "a boundary of ours"
PART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="large.gz"\r\n'
    "Content-Type: application/gzip\r\n\r\n"
).encode()
MIB = 1 << 20


@dataclass
class Place:
    """An API with a store of its own, and somebody with a task in it."""

    running: RunningApp
    s3: EmbeddedS3
    objects: Objects
    ada: Person
    task: str

    @property
    def log(self) -> Log:
        log: Log = self.running.app.state.log
        return log

    async def attached(self) -> list[str]:
        path = f"/v1/tasks/{self.task}/attachments?min_position=head"
        answer = await self.ada.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    async def events(self) -> int:
        return await self.log.reader.head()

    async def findings(self) -> list[str]:
        await self.attached()  # the read model is at the head
        return [line async for line in files_unlike_their_record(self.log)]

    async def send(self, content: AsyncIterator[bytes]) -> Any:
        async def body() -> AsyncIterator[bytes]:
            yield PART
            async for chunk in content:
                yield chunk
            yield f"\r\n--{BOUNDARY}--\r\n".encode()

        kind = f'multipart/form-data; boundary="{BOUNDARY}"'
        return await self.ada.api.post(
            f"/v1/tasks/{self.task}/attachments",
            content=body(),
            headers=bearer(self.ada.tokens, Content_Type=kind),
        )


@asynccontextmanager
async def opened(
    s3: EmbeddedS3, postgres_url: str, nats_url: str, **reached: str
) -> AsyncIterator[Place]:
    bucket = f"test-{uuid4().hex}"
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, **s3_settings(s3, bucket) | reached)
        async with running_app(settings, worker=True) as running:
            ada = await register(running.client, "ada")
            task = str((await ada.made("/v1/tasks", {"title": "Build"}))["id"])
            objects = objects_in(s3, bucket)
            yield Place(running, s3, objects, ada, task)
            await objects.close()


@pytest.fixture
async def place(s3: EmbeddedS3, postgres_url: str, nats_url: str) -> AsyncIterator[Place]:
    """On the store that all tests share."""
    async with opened(s3, postgres_url, nats_url) as found:
        yield found


@pytest.fixture
async def frail(data_folder: Path, postgres_url: str, nats_url: str) -> AsyncIterator[Place]:
    """On a store that the test may kill, and that dies of more than 6 MiB."""
    async with EmbeddedS3(data_folder) as s3:

        async def die() -> None:
            os.kill(s3.pid, signal.SIGKILL)
            await s3.wait()

        async with breaking(s3.address, after=6 * MIB, meanwhile=die) as address:
            url = f"http://{address}"
            async with opened(s3, postgres_url, nats_url, s3_endpoint_url=url) as found:
                yield found


async def test_a_store_killed_while_a_file_goes_there_keeps_neither_event_nor_object(
    frail: Place,
) -> None:
    [kept] = (await upload(frail.ada, frail.task, ("a.png", PNG, "image/png"))).json()["items"]
    before = await frail.events()
    answer = await frail.send(arriving(b"\x1f\x8b\x08", os.urandom(8 * MIB)))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert await frail.events() == before
    assert (await frail.findings())[0].startswith(f"attachments: not checked from {kept['id']} on")
    await frail.s3.start()
    assert await frail.attached() == [kept["id"]]
    assert await keys_in(frail.objects) == {UUID(kept["id"])}
    assert await frail.findings() == []
    again = await upload(frail.ada, frail.task, ("a.png", PNG, "image/png"))
    assert again.status_code == 201


async def test_without_its_store_only_files_are_refused(frail: Place) -> None:
    [kept] = (await upload(frail.ada, frail.task, ("a.png", PNG, "image/png"))).json()["items"]
    os.kill(frail.s3.pid, signal.SIGKILL)
    await frail.s3.wait()
    before = await frail.events()
    began = time.monotonic()
    sent = await upload(frail.ada, frail.task, ("a.png", PNG, "image/png"))
    fetched = await frail.ada.ask("GET", f"/v1/attachments/{kept['id']}/content")
    for answer in (sent, fetched):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - began < 10
    assert await frail.events() == before
    assert await frail.attached() == [kept["id"]]
    assert (await frail.ada.ask("POST", "/v1/tasks", {"title": "On"})).status_code == 201


async def test_a_file_stays_whose_command_was_sent_to_the_database_twice(place: Place) -> None:
    appender, objects = (place.running.app.state[name] for name in ("appender", "objects"))
    cutting = Cutting(appender._url)
    async with cutting as appender._url:
        appender._disconnect()
        await upload(place.ada, place.task, ("a.png", PNG, "image/png"))
        cutting.what = "answer"
        sent = await upload(place.ada, place.task, ("b.png", PNG, "image/png"))
        assert sent.status_code == 201, sent.text
        assert cutting.what is None
    await until(lambda: not objects._discarding)
    assert await keys_in(place.objects) == {UUID(id) for id in await place.attached()}
    assert await place.findings() == []


async def test_a_client_that_hangs_up_leaves_nothing(place: Place) -> None:
    before = await place.events()
    whole = PART + b"\x1f\x8b\x08" + bytes(12 * MIB)
    token = place.ada.tokens["access_token"]
    head = (
        f"POST /v1/tasks/{place.task}/attachments HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(whole) * 2}\r\n"
        f'Content-Type: multipart/form-data; boundary="{BOUNDARY}"\r\n\r\n'
    ).encode()
    async with place.running.raw(head + whole) as connection:
        await connection.writer.drain()
    sent = await upload(place.ada, place.task, ("a.png", PNG, "image/png"))
    [kept] = sent.json()["items"]
    assert await place.attached() == [kept["id"]]
    assert await keys_in(place.objects) == {UUID(kept["id"])}
    assert await place.events() == before + 1


async def test_other_requests_go_on_while_a_large_file_comes(place: Place) -> None:
    answered = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"\x1f\x8b\x08" + bytes(10 * MIB)
        await answered.wait()
        yield bytes(MIB)

    sending = asyncio.create_task(place.send(slow()))
    for _ in range(20):
        assert (await place.ada.ask("GET", "/v1/tasks")).status_code == 200
    assert await place.attached() == []
    answered.set()
    answer = await sending
    assert answer.status_code == 201, answer.text
    assert answer.json()["items"][0]["size"] == 11 * MIB + 3


async def test_a_page_of_tasks_knows_its_files(place: Place) -> None:
    await upload(place.ada, place.task, ("a.png", PNG, "image/png"))
    await upload(place.ada, place.task, ("b.txt", b"hello", "text/plain"))
    assert len(await place.attached()) == 2
    other = new_id()
    found = await of_tasks(place.log.pool, [UUID(place.task), other])
    assert [row.name for row in found[UUID(place.task)]] == ["b.txt", "a.png"]
    assert found[other] == []


async def test_the_sweep_removes_what_nothing_speaks_of(place: Place) -> None:
    [kept] = (await upload(place.ada, place.task, ("a.png", PNG, "image/png"))).json()["items"]
    [gone] = (await upload(place.ada, place.task, ("b.png", PNG, "image/png"))).json()["items"]
    await place.ada.ask("DELETE", f"/v1/attachments/{gone['id']}")
    orphan = new_id()
    await place.objects.put(orphan, arriving(b"nobody's"))
    await place.objects.put(UUID(gone["id"]), arriving(b"came too late"))
    log = place.log
    assert await sweep(place.objects, log.pool, log.log_id) == []  # it may still be announced
    removed = await sweep(place.objects, log.pool, log.log_id, grace=timedelta(seconds=-60))
    assert set(removed) == {orphan, UUID(gone["id"])}
    assert await keys_in(place.objects) == {UUID(kept["id"])}


async def test_the_sweep_leaves_the_bucket_of_another_log_alone(place: Place) -> None:
    log = place.log
    assert await sweep(place.objects, log.pool, log.log_id) == []
    await place.objects.put(orphan := new_id(), arriving(b"of another log"))
    assert await sweep(place.objects, log.pool, new_id(), grace=timedelta(seconds=-60)) == []
    assert orphan in await keys_in(place.objects)


async def test_an_object_unlike_its_record_is_found(place: Place) -> None:
    files = [(f"{n}.png", PNG + bytes([n]), "image/png") for n in range(4)]
    added = (await upload(place.ada, place.task, *files)).json()["items"]
    assert await place.findings() == []
    good, missing, shorter, changed = [UUID(item["id"]) for item in added]
    await place.objects.remove(missing)
    await place.objects.put(shorter, arriving(PNG))
    await place.objects.put(changed, arriving(PNG + b"x"))
    found = await place.findings()
    assert sorted(line.split()[1] for line in found) == sorted(
        map(str, (missing, shorter, changed))
    )
    assert not any(str(good) in line for line in found)
    answer = await place.ada.ask("GET", f"/v1/attachments/{missing}/content")
    assert (answer.status_code, answer.json()["code"]) == (404, "content-missing")
