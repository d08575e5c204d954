"""A way to a server that breaks off in the middle of something large."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def breaking(
    address: str, *, after: int, meanwhile: Callable[[], Awaitable[None]]
) -> AsyncIterator[str]:
    """Leads to `address`. The first connection that has carried so many bytes there ends, once
    `meanwhile` has been done; all others are left alone."""
    host, _, port = address.rpartition(":")
    broken = False

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal broken
        carried = 0
        try:
            there = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        back = asyncio.create_task(carry(there[0], writer))
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                there[1].write(data)
                await there[1].drain()
                carried += len(data)
                if carried >= after and not broken:
                    broken = True
                    await meanwhile()
                    break
        back.cancel()
        writer.close()
        there[1].close()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    async with server:
        host_here, port_here = server.sockets[0].getsockname()[:2]
        yield f"{host_here}:{port_here}"
