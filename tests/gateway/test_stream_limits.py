"""What a stream refuses, and what it ends for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database
from tests.support.streaming import (
    Person,
    narrow,
    narrow_socket,
    person,
    sent_by,
    socket_to,
)
from tests.support.waiting import until

QUEUE = 20


@pytest.fixture(scope="module")
async def strict(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """Short queues, and heartbeats twice a second."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url,
            nats_url,
            socket_queue=QUEUE,
            heartbeat_seconds=0.5,
            header_seconds=1,
            rate_limit=0,
        )
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.fixture
async def ada(strict: RunningApp) -> Person:
    return await person(strict)


async def test_a_heartbeat_says_how_far_nothing_happened(strict: RunningApp, ada: Person) -> None:
    eve = await person(strict)
    async with socket_to(strict, ada.token) as stream:
        await stream.heard("live")
        foreign = await eve.adds()
        await stream.reached(foreign)
        assert stream.events == []
        assert stream.frames[-1] == {"type": "heartbeat", "position": stream.position}


@pytest.mark.parametrize(
    ("query", "closing"),
    [
        ("after=x", (4400, "invalid", "after")),
        ("after=-1", (4400, "invalid", "after")),
        ("after=1&after=2", (4400, "repeated-parameter", "after")),
        ("after=99999999", (4400, "ahead", "after")),
        (f"after=1@{uuid4()}", (4410, "log-changed", "after")),
        ("workspace=x", (4400, "invalid", "workspace")),
        (f"workspace={uuid4()}", (4404, "not-found", "workspace")),
        ("noun=tsk", (4400, "invalid", "noun")),
        ("resource=task", (4400, "invalid", "resource")),
        ("resource=task/1", (4400, "invalid", "resource")),
        ("from=1", (4400, "unknown-parameter", "from")),
    ],
)
async def test_a_bad_parameter_is_named(
    strict: RunningApp, ada: Person, query: str, closing: tuple[int, str, str]
) -> None:
    url = f"{strict.base.replace('http', 'ws', 1)}/v1/stream?{query}"
    async with connect(url, additional_headers=ada.headers) as client:
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == closing[0]
        assert f'"code":"{closing[1]}"' in (client.close_reason or "")
        assert f'"field":"{closing[2]}"' in (client.close_reason or "")


@pytest.mark.parametrize("token", ["x", "a.b.c", "é"])
async def test_a_bad_token_is_refused(strict: RunningApp, token: str) -> None:
    async with socket_to(strict, None) as stream:
        await stream.say(type="auth", token=token)
        assert await stream.closed() == (4401, "token-invalid")


async def test_a_bad_token_in_the_header_is_refused_as_well(strict: RunningApp) -> None:
    async with socket_to(strict, "x") as stream:
        assert await stream.closed() == (4401, "token-invalid")


async def test_who_says_nothing_is_not_waited_for(strict: RunningApp) -> None:
    async with socket_to(strict, None) as stream:
        assert await stream.closed() == (4401, "no-token")


async def test_a_ping_is_answered(strict: RunningApp, ada: Person) -> None:
    async with socket_to(strict, ada.token) as stream:
        await stream.heard("live")
        await stream.say(type="ping")
        assert (await stream.heard("heartbeat"))["position"] >= stream.frames[0]["position"]


@pytest.mark.parametrize("kind", ["ping", "auth"])
async def test_an_answer_says_how_far_one_got_who_read_up_to_it(
    strict: RunningApp, ada: Person, kind: str
) -> None:
    token = {"token": ada.token} if kind == "auth" else {}
    async with narrow_socket(strict, ada) as client:
        await client.recv()
        await client.recv()
        [subscription] = strict.app.state.live.tail.audience.everyone()
        while not subscription.waiting:
            made = await fat_task(ada)
        await until(lambda: subscription.position == made)
        before = subscription.waiting
        await client.send(json.dumps({"type": kind, **token}))
        await until(lambda: subscription.waiting > before)
        while json.loads(await client.recv())["position"] < made:
            pass
        assert json.loads(await client.recv())["position"] == made


@pytest.mark.parametrize(
    "message", ["", "{", "[]", '{"type":"subscribe"}', '{"type":"auth"}', b"{}", '{"token":"x"}']
)
async def test_an_unknown_message_ends_it(
    strict: RunningApp, ada: Person, message: str | bytes
) -> None:
    async with socket_to(strict, ada.token) as stream:
        await stream.heard("live")
        await stream.socket.send(message)
        assert await stream.closed() == (4400, "unknown-message")


async def test_a_frame_may_have_64_kib(strict: RunningApp, ada: Person) -> None:
    for extra, ended in ((0, 4401), (1, 1009)):
        size = strict.settings.socket_frame_bytes + extra
        message = '{"type":"auth","token":"' + "x" * (size - 26) + '"}'
        async with socket_to(strict, ada.token) as stream:
            await stream.heard("live")
            await stream.socket.send(message)
            await until(lambda: stream.ended is not None)
            assert stream.code == ended


async def test_more_than_twenty_messages_a_second_are_too_many(
    strict: RunningApp, ada: Person
) -> None:
    async with socket_to(strict, ada.token) as stream:
        await stream.heard("live")
        for _ in range(20):
            await stream.say(type="auth", token=ada.token)
        await stream.heard("authenticated", 20)
        await stream.say(type="auth", token=ada.token)
        assert await stream.closed() == (4429, "rate-limited")


async def test_who_reads_too_slowly_is_sent_away_and_may_resume(
    strict: RunningApp, ada: Person
) -> None:
    start = await ada.adds()
    async with narrow_socket(strict, ada) as client:
        await client.recv()
        await client.recv()
        made = [await fat_task(ada) for _ in range(3)]
        slow = strict.app.state.live
        [subscription] = slow.tail.audience.everyone()
        while not subscription.ended:
            made.append(await fat_task(ada))
        seen = await events_until_closed(client)
        assert client.close_code == 4408
        reason: Any = json.loads(client.close_reason or "")
        assert reason == {"code": "slow-client", "position": seen[-1]}
        assert seen == made[: len(seen)]
        assert len(made) - len(seen) > QUEUE
    await until(lambda: slow.slow == 1 and slow.open == 0)
    async with socket_to(strict, ada.token, [("after", seen[-1])]) as stream:
        await stream.reached(made[-1])
        assert seen + stream.positions == made
    assert start < made[0]


async def test_who_reads_nothing_at_all_is_cut_off(postgres_url: str, nats_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, request_seconds=1, rate_limit=0)
        async with running_app(settings, worker=True) as app:
            ada = await person(app)
            async with narrow_socket(app, ada):
                live = app.app.state.live
                await until(lambda: live.open == 1)
                while live.open:
                    await fat_task(ada)


async def test_a_slow_reader_holds_nobody_else_up(strict: RunningApp, ada: Person) -> None:
    live = strict.app.state.live
    before = live.slow
    async with narrow_socket(strict, ada), socket_to(strict, ada.token) as stream:
        await stream.heard("live")
        while live.slow == before:
            position = await fat_task(ada)
        await stream.reached(position)
        assert stream.ended is None


async def test_a_slow_reader_of_server_sent_events_is_told_as_well(
    strict: RunningApp, ada: Person
) -> None:
    live = strict.app.state.live
    start = await ada.adds()
    request = (
        f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ada.token}\r\n\r\n"
    ).encode()
    with narrow(strict) as raw:
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, request)
        await until(lambda: live.open == 1 and live.tail.audience.everyone()[0].live)
        made = []
        while not live.tail.audience.everyone()[0].ended:
            made.append(await fat_task(ada))
        text = b""
        while piece := await loop.sock_recv(raw, 1 << 20):
            text += piece
            if text.endswith(b"0\r\n\r\n"):
                break
    assert b'event: close\ndata: {"type":"close","code":"slow-client","position":' in text
    resume = int(text.rpartition(b'"position":')[2].partition(b"}")[0])
    assert start < resume < made[-1]
    async with sent_by(strict, ada.token, [("after", resume)]) as stream:
        await stream.reached(made[-1])
        assert stream.positions == [position for position in made if position > resume]


async def test_a_stopping_server_says_so_and_where_to_resume(
    postgres_url: str, nats_url: str
) -> None:
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url)
        async with running_app(settings, worker=True) as app:
            ada = await person(app)
            position = await ada.adds()
            sockets = [socket_to(app, ada.token, [("after", 0)]) for _ in range(3)]
            streams = [await each.__aenter__() for each in sockets]
            sent = sent_by(app, ada.token, [("after", 0)])
            heard = await sent.__aenter__()
            for stream in [*streams, heard]:
                await stream.heard("live")
        for stream in streams:
            assert await stream.closed() == (1012, "restart")
            assert stream.ended is not None
            assert stream.ended["position"] >= position
        await heard.closed()
        assert heard.ended is not None
        assert heard.ended["code"] == "restart"
        for each in [*sockets, sent]:
            await each.__aexit__(None, None, None)


async def fat_task(ada: Person) -> int:
    answer = await ada.does("POST", "/v1/tasks", title="fat", description="€" * 50_000)
    return int(answer.headers["Tasktrail-Position"])


async def events_until_closed(client: ClientConnection) -> list[int]:
    """The positions of those that were still on their way."""
    positions = []
    with suppress(ConnectionClosed):
        while True:
            frame = json.loads(await client.recv())
            if "." in frame["type"]:
                positions.append(frame["position"])
    return positions
