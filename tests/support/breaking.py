"""A way to a server that breaks off in the middle of something large."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

CHUNK = 64 << 10


@asynccontextmanager
async def breaking(
    address: str, *, after: int, meanwhile: Callable[[], Awaitable[None]]
) -> AsyncIterator[str]:
    """Leads to `address`. The first connection that has carried so many bytes there ends, once
    `meanwhile` has been done; all others are left alone."""
    host, _, port = address.rpartition(":")
    broken = asyncio.Event()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carried = 0
        with suppress(OSError):
            there = await asyncio.open_connection(host, port)
            back = asyncio.create_task(_carry(there[0], writer))
            while data := await reader.read(CHUNK):
                there[1].write(data)
                await there[1].drain()
                carried += len(data)
                if carried >= after and not broken.is_set():
                    broken.set()
                    await meanwhile()
                    break
            back.cancel()
            there[1].close()
        writer.close()

    async with await asyncio.start_server(lead, "127.0.0.1", 0) as server:
        here = server.sockets[0].getsockname()
        yield f"{here[0]}:{here[1]}"


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
