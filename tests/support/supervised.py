"""A whole installation in small, as a program for tests to kill: servers, then a program of ours.

Prints the supervisor's lines, and `<name> pid <n>` for each part once all are up.
"""

import asyncio
import os
import sys
from pathlib import Path

from infra.embedded.folder import CannotStart
from infra.embedded.nats import EmbeddedNats
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.stack import announce
from infra.embedded.valkey import EmbeddedValkey
from infra.supervisor import Part, Program, Supervisor


async def main(folder: Path) -> None:
    postgres, nats, valkey = EmbeddedPostgres(folder), EmbeddedNats(folder), EmbeddedValkey(folder)
    idle = Program(
        "idle",
        [sys.executable, "-c", "import time; time.sleep(1000)"],
        env=lambda: {**os.environ, "DATABASE_URL": postgres.url},
        address="-",
    )
    parts: list[Part] = [postgres, nats, valkey, idle]

    def say(line: str) -> None:
        print(line, flush=True)
        if line.startswith("idle       -"):
            announce(folder, {"DATABASE_URL": postgres.url, "NATS_URL": nats.url})
            for part in parts:
                print(part.name, "pid", part.pid, flush=True)

    await Supervisor(folder, parts, say=say).run()


if __name__ == "__main__":
    try:
        asyncio.run(main(Path(sys.argv[1])))
    except CannotStart as error:
        sys.exit(str(error))
