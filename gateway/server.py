"""The HTTP server around the application."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from litestar import Litestar

from gateway.listening import listen
from gateway.live.connection import connections
from gateway.protocol import guarded
from infra.settings import Settings


class Server(uvicorn.Server):
    """Streams never end by themselves, so they are ended before it waits for what goes on."""

    def __init__(self, config: uvicorn.Config, app: Litestar) -> None:
        super().__init__(config)
        self._state = app.state

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live = self._state.get("live")
        if live is not None:
            live.stop()
        await super().shutdown(sockets)


def allow_many_connections() -> None:
    """As many as this process may have; what shells give it is often 1 024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def make_server(app: Litestar, settings: Settings) -> uvicorn.Server:
    """Litestar's own lifespan runs inside; permessage-deflate would cost more than it saves."""
    allow_many_connections()
    return Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http=guarded(settings),
            ws=connections(settings),
            ws_max_size=settings.socket_frame_bytes,
            ws_per_message_deflate=False,
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=15,
        ),
        app,
    )


@asynccontextmanager
async def serving(app: Litestar, settings: Settings) -> AsyncIterator[str]:
    """The application on a port of its own, in this loop; yields its base URL."""
    listener = listen(settings.host, 0)
    server = make_server(app, settings)
    running = asyncio.create_task(server._serve([listener]), name="http")
    while not server.started:
        if running.done():
            running.result()
            raise RuntimeError("the application did not start")
        await asyncio.sleep(0.01)
    host, port = listener.getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await running
