"""The processes of an installation: all in one, the API, the worker.

Each loads what it needs when it begins, so that none waits for the libraries of another.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import uvloop

from gateway.listening import PortTaken, listen, place
from gateway.logs import configure_logs
from infra.embedded.stack import (
    addresses,
    announce,
    generated_keys,
    needed_servers,
    with_found,
)
from infra.settings import Settings
from infra.supervisor import Program, Supervisor, demand_alone

if TYPE_CHECKING:
    from litestar import Litestar


class CommandFailed(Exception):
    """What the command line says, in a line or more, before it exits with 1."""


async def up(settings: Settings, environ: Mapping[str, str]) -> None:
    """Embedded servers, API and worker under one supervisor, until a stop signal."""
    servers = needed_servers(settings)
    demand_alone(settings.data)
    try:
        listen(settings.host, settings.port).close()
    except PortTaken as error:
        raise CommandFailed(f"{error}; set HOST or PORT to another") from error

    def environment() -> dict[str, str]:
        found = {**generated_keys(settings), **addresses(servers)}
        announce(settings.data, {**_given_keys(settings, environ), **found})
        return {"MALLOC_ARENA_MAX": "2", **with_found(environ, found)}  # threads hoard less

    programs = [
        Program(
            name,
            [sys.executable, "-m", "gateway.cli", command],
            env=environment,
            address=address,
            ready=ready,
        )
        for name, command, address, ready in (
            ("worker", "work", "relay, projectors, policies", None),
            ("api", "serve", f"http://{place(settings.host, settings.port)}", _answers(settings)),
        )
    ]
    await Supervisor(settings.data, [*servers.values(), *programs], say=_say).run()


def _given_keys(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Another shell may lack them, and commands there need those of the embedded database. Those
    of another database are nowhere written down."""
    if settings.database_url is not None:
        return {}
    names = ("TASKTRAIL_MASTER_KEY", "SECRET_KEY")
    return {name: environ[name] for name in names if environ.get(name, "").strip()}


def serve(settings: Settings, make: "Callable[[Settings], Litestar] | None" = None) -> None:
    """The API, or what `make` makes."""
    configure_logs(settings.log_level)
    collect_seldom()
    try:
        listener = listen(settings.host, settings.port)
    except PortTaken as error:
        raise CommandFailed(f"{error}; set HOST or PORT to another") from error
    from gateway.bootstrap.api import api
    from gateway.bootstrap.services import demand_usable
    from gateway.server import make_server

    uvloop.run(demand_usable(settings))
    server = make_server((make or api)(settings), settings)
    spare_what_stays()
    server.run(sockets=[listener])


async def work_until_stopped(settings: Settings) -> None:
    configure_logs(settings.log_level)
    collect_seldom()
    from gateway.bootstrap.worker import work

    spare_what_stays()
    working = asyncio.create_task(work(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    await asyncio.wait([working])
    if not working.cancelled():
        working.result()


def collect_seldom() -> None:
    """By default Python looks for garbage in cycles whenever 700 objects were made, several times
    a request when many are under way; that took a quarter of what a command costs."""
    gc.set_threshold(20_000, 20, 20)


def spare_what_stays() -> None:
    """What was made up to now is no garbage as long as the process lives; looking through it kept
    everybody waiting for a tenth of a second."""
    gc.collect()
    gc.freeze()


def _say(line: str) -> None:
    print(line, flush=True)


def _answers(settings: Settings) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        """Whether the API serves: a listening socket alone does not say so."""
        try:
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection(settings.host, settings.port)
                writer.write(b"GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = await reader.read(64)
                writer.close()
        except (OSError, TimeoutError):
            return False
        return answer.startswith(b"HTTP/1.1 ")

    return ready
