"""How many deliveries a second to 2 000 sockets, and in how much memory?"""

import asyncio
import json
import socket
import sys
from collections.abc import Mapping, Sequence

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import HOST, json_answer, request
from tests.benchmarks.system import System, free_port, program, system
from tests.support.repository import ROOT
from tests.support.waiting import until

PEOPLE = 20
SOCKETS = 2_000
SECONDS = 6.0
RATE = 20_000
MEGABYTES = 150


async def measure() -> Sequence[Figure]:
    """Each event goes to everybody: all sockets are those of the members of one workspace."""
    async with system() as real:
        tokens = await real.tokens(PEOPLE)
        workspace = await shared_workspace(real, tokens)
        post = {"path": "/v1/tasks", "body": {"title": "Order paper", "workspace": workspace}}
        before = real.resident()["api"]
        hearing = asyncio.create_task(listened(real.port, "/v1/stream", tokens, post))
        memory = await most_memory(real, hearing)
        heard = await hearing
        port = free_port()
        bare = [str(port), str(int(heard["bytes"]))]
        async with program(
            "tests.benchmarks.live_bare", *bare, environment=real.environment, log=real.folder
        ):
            await until(lambda: is_listening(port))
            ceiling = await listened(port, "/", tokens, {"path": "/", "body": {}})
    return [
        Figure(
            name=f"deliver to {SOCKETS:,} sockets",
            value=heard["rate"],
            unit="deliveries/s",
            ceiling=ceiling["rate"],
            ceiling_name="bare uvicorn",
            target=f"at least {RATE:,}",
            reached=heard["rate"] >= RATE,
        ),
        Figure(
            name=f"memory with {SOCKETS:,} sockets",
            value=memory,
            unit="MB",
            ceiling=before / 1e6,
            ceiling_name="without them",
            target=f"under {MEGABYTES}",
            reached=memory < MEGABYTES,
        ),
    ]


async def shared_workspace(real: System, tokens: Sequence[str]) -> str:
    """Of everybody; the first made it."""
    owner = tokens[0]
    sent = request("POST", "/v1/workspaces", token=owner, body={"name": "Everybody"})
    _, made = await json_answer(real.port, sent, status=201)
    for token in tokens[1:]:
        _, me = await json_answer(real.port, request("GET", "/v1/me", token=token), status=200)
        path = f"/v1/workspaces/{made['id']}/members"
        sent = request("POST", path, token=owner, body={"account": me["id"]})
        await json_answer(real.port, sent, status=201)
    return str(made["id"])


async def listened(
    port: int, path: str, tokens: Sequence[str], post: Mapping[str, object]
) -> Mapping[str, float]:
    """What the clients say, in a process of their own."""
    task = {"port": port, "path": path, "tokens": tokens, "post": post}
    task |= {"sockets": SOCKETS, "seconds": SECONDS}
    clients = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.live_clients"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(90):
        said, _ = await clients.communicate(json.dumps(task).encode())
    found: dict[str, float] = json.loads(said)
    return found


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0


async def most_memory(real: System, meanwhile: asyncio.Task[Mapping[str, float]]) -> float:
    """Of the API, in MB, looked at twice a second."""
    most = 0
    while not meanwhile.done():
        await asyncio.wait([meanwhile], timeout=0.5)
        most = max(most, real.resident()["api"])
    return most / 1e6


if __name__ == "__main__":
    show(measure)
