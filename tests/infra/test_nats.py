"""Does whoever waits for NATS end when it is told to?"""

import asyncio
from contextlib import suppress

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from infra import nats as module
from infra.nats import Nats
from tests.support.waiting import until


async def test_a_cancellation_that_meets_the_answer_is_not_lost(nats_url: str) -> None:
    async with Nats(nats_url) as nats:
        await nats.wait_connected()
        client, asked = nats.client, asyncio.Event()
        subject = client.new_inbox()

        async def answer(message: Msg) -> None:
            (awaited,) = client._resp_map.values()
            awaited.add_done_callback(lambda _: asking.cancel())
            await message.respond(b"here")
            asked.set()

        await client.subscribe(subject, cb=answer)
        asking = asyncio.create_task(client.request(subject, timeout=10))
        await asyncio.wait([asking])
        assert asked.is_set()
        assert asking.cancelled()


@pytest.mark.parametrize("cleans_up", [False, True])
async def test_a_cancellation_during_a_flush_is_not_lost(
    nats_url: str, monkeypatch: pytest.MonkeyPatch, cleans_up: bool
) -> None:
    """But what cleans up after one goes on: `unsubscribe` flushes as well."""
    cleaned: list[str] = []
    flushing = asyncio.Event()

    async def flush_slowly(self: Client, force_flush: bool = False) -> None:
        with suppress(asyncio.CancelledError):
            flushing.set()
            if force_flush:
                await asyncio.Event().wait()

    async with Nats(nats_url) as nats:
        await nats.wait_connected()
        client = nats.client
        subscription = await client.subscribe(client.new_inbox())

        async def flush() -> None:
            try:
                await client._flush_pending(force_flush=True)
            finally:
                if cleans_up:
                    await subscription.unsubscribe()
                    cleaned.append("unsubscribed")

        with monkeypatch.context() as patch:
            patch.setattr(Client, "_flush_pending", flush_slowly)
            task = asyncio.create_task(flush())
            await flushing.wait()
            task.cancel()
            await asyncio.wait([task])
        assert task.cancelled()
        assert cleaned == ["unsubscribed"] * cleans_up


async def test_of_hints_on_a_subject_the_first_and_the_last_arrive_and_hold_up_no_other(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(module, "_HINT_PAUSE", 3600.0)
    async with Nats(nats_url) as nats:
        await nats.wait_connected()
        prefix = nats.client.new_inbox()

        def hear(subject: str, position: int) -> None:
            heard.append((subject.removeprefix(prefix), position))

        async with nats.listening(f"{prefix}.*", hear):
            nats.hint(f"{prefix}.a", 1)
            await until(lambda: heard == [(".a", 1)])
            nats.hint(f"{prefix}.a", 2)
            nats.hint(f"{prefix}.a", 3)
            nats.hint(f"{prefix}.b", 1)
            await until(lambda: heard == [(".a", 1), (".b", 1)])
            nats._rested([f"{prefix}.a"])
            await until(lambda: heard == [(".a", 1), (".b", 1), (".a", 3)])


async def test_a_server_that_goes_away_amid_the_handshake_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The library waits for ever until a connection has closed that was to be encrypted."""
    monkeypatch.setattr(module, "_ATTEMPT_SECONDS", 0.1)
    came: list[asyncio.StreamWriter] = []

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(writer)
        writer.write(b'INFO {"tls_required": true}\r\n')
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Nats(f"nats://127.0.0.1:{port}"):
            await until(lambda: len(came) > 1)
    assert "NATS: " not in caplog.messages  # but what was wrong


async def test_a_server_that_does_not_encrypt_is_told_no_password_where_that_is_demanded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever stands between may leave out that the server does."""
    heard: list[bytes] = []

    async def speak_in_clear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"max_payload": 1048576}\r\n')
        heard.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(speak_in_clear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Nats(f"tls://ann:secret@127.0.0.1:{port}"):
            await until(lambda: len(heard) > 1)
    assert set(heard) == {b""}
    assert any("secure connection not available" in message for message in caplog.messages)
