"""A connection to Postgres that is lost at the worst moment."""

import asyncio
from urllib.parse import urlsplit, urlunsplit


class Cutting:
    """Between an appender and Postgres: cuts the connection in place of the next `what`."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self.what: str | None = None
        self._passing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(self._parts._replace(netloc=f"{user}@127.0.0.1:{port}"))

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = self._parts.port
        theirs, ours = await asyncio.open_connection(self._parts.hostname, port)
        for args in (("request", reader, ours, writer), ("answer", theirs, writer, ours)):
            task = asyncio.create_task(self._pass(*args))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(
        self,
        what: str,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
    ) -> None:
        try:
            while data := await source.read(1 << 16):
                if self.what == what:
                    self.what = None
                    break
                target.write(data)
        except ConnectionError:
            pass
        finally:
            target.close()
            back.close()
