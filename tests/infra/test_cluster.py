"""Does it run on a cluster of NATS as its operators want it?"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from infra.embedded.folder import write_private
from infra.embedded.nats import EmbeddedNats
from infra.embedded.ports import LOOPBACK, free_port
from infra.nats import FAILED
from tests.support.fanout import open_fanout
from tests.support.waiting import until_so


class Node(EmbeddedNats):
    def __init__(self, folder: Path, number: int, ports: Sequence[int]) -> None:
        super().__init__(folder / f"node-{number}")
        self._number = number
        self._ports = ports

    def command(self, port: int) -> list[str]:
        words = super().command(port)
        alone = self._file.read_text()
        named = alone.replace("server_name: tasktrail", f"server_name: node-{self._number}")
        routes = ", ".join(f'"nats://{LOOPBACK}:{each}"' for each in self._ports)
        listen = f'"{LOOPBACK}:{self._ports[self._number]}"'
        cluster = f"cluster {{\n name: nodes\n listen: {listen}\n routes: [{routes}]\n}}\n"
        write_private(self._file, named + cluster)
        return words


@pytest.fixture
async def cluster_url(data_folder: Path) -> AsyncIterator[str]:
    ports = [free_port() for _ in range(3)]
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(Node(data_folder, number, ports)) for number in range(3)
        ]
        yield ",".join(node.url for node in nodes)


async def test_how_often_the_stream_is_kept_is_the_operators_choice(
    database: str, cluster_url: str
) -> None:
    async with open_fanout(database, cluster_url) as fanout:

        async def prepared() -> bool:
            """A young cluster has no leader, or does not know of all its servers."""
            try:
                return await fanout.stream.prepare(fanout.log.reader.head) == 0
            except FAILED:
                return False

        async def spread() -> bool:
            try:
                info = await fanout.nats.jetstream.stream_info(fanout.stream.name)
                await fanout.nats.jetstream.update_stream(info.config.evolve(num_replicas=3))
            except FAILED:
                return False
            return True

        await until_so(prepared)
        await until_so(spread)
        await until_so(prepared)
        info = await fanout.nats.jetstream.stream_info(fanout.stream.name)
        assert info.config.num_replicas == 3
