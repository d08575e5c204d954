"""What does the relay do when it cannot know what became of a window?"""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import pytest

from infra import nats as module
from infra.jetstream import EventStream
from infra.nats import Nats
from infra.relay import Relay
from tests.support.fanout import open_fanout, running
from tests.support.log import append_tasks
from tests.support.waiting import until


class Cutting:
    """Between a client and NATS: hangs up instead of passing on what has `what` in it, so many
    times."""

    def __init__(self, url: str, what: bytes, times: int) -> None:
        self._parts = urlsplit(url)
        self._what = what
        self.left = times

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{user}@127.0.0.1:{port}"))

    async def __aexit__(self, *error: object) -> None:
        self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        await asyncio.gather(self._pass(reader, ours), self._pass(theirs, writer))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(1 << 16):
                if self.left and self._what in data:
                    self.left -= 1
                    break
                target.write(data)
        target.close()


async def test_a_connection_that_breaks_again_and_again_is_no_reason_to_make_the_stream_again(
    database: str, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside consumers would lose their places."""
    monkeypatch.setattr(module, "REQUEST_SECONDS", 0.3)
    async with open_fanout(database, nats_url) as fanout:
        await fanout.nats.wait_connected()
        await fanout.stream.prepare(fanout.log.reader.head)
        created = (await fanout.nats.jetstream.stream_info(fanout.stream.name)).created
        cutting = Cutting(nats_url, f"PUB {fanout.prefix}.events.".encode(), 4)
        async with cutting as url, Nats(url) as nats:
            stream = EventStream(
                nats, fanout.log.log_id, prefix=fanout.prefix, max_age=3600, max_bytes=1 << 28
            )
            relay = Relay(nats, fanout.log.reader, stream, prefix=fanout.prefix)
            last = await append_tasks(fanout.log, 3)
            async with running(relay):
                await until(lambda: relay.position == last)
            assert cutting.left == 0
        info = await fanout.nats.jetstream.stream_info(fanout.stream.name)
        assert (info.created, info.state.last_seq) == (created, last)
