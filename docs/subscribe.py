"""An outside consumer in a few lines, with a stock NATS client: `python subscribe.py URL [COUNT]`.

Prints subject and event of everything on the stream from its beginning; with COUNT so many.
"""

import asyncio
import sys

import nats


async def main(url: str, count: float) -> None:
    connection = await nats.connect(url)
    events = await connection.jetstream().subscribe("tasktrail.events.>", ordered_consumer=True)
    async for message in events.messages:
        print(message.subject, message.data.decode())
        count -= 1
        if count <= 0:
            break
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float((sys.argv[2:] or ["inf"])[0])))
