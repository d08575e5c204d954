"""A process that appends, beside others: `python -m tests.support.log_writer URL COMMANDS`."""

import asyncio
import sys

from infra.appender import Appender
from tests.support.appends import an_append

CALLERS = 8


async def write(url: str, commands: int) -> None:
    appender = Appender(url, on_commit=lambda head: None)
    running = asyncio.create_task(appender.run())

    async def call(share: int) -> None:
        for number in range(share):
            done = await appender.append(an_append(count=1 + number % 3))
            assert done.outcome == "ok"

    await asyncio.gather(*(call(commands // CALLERS) for _ in range(CALLERS)))
    appender.close()
    await running


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], int(sys.argv[2])))
