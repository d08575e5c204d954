"""How many durable commands a second, beside the same route doing nothing?"""

from collections.abc import Iterator, Sequence
from itertools import count
from statistics import median

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import answers_per_second, request
from tests.benchmarks.nothing import CREATE
from tests.benchmarks.system import System, doing_nothing, system

CALLERS = 64
ROUNDS = 5
SECONDS = 3.0
TARGET = 0.6
REAL = "/v1/tasks"


async def measure() -> Sequence[Figure]:
    """In turns, because the machine is not always equally fast; a turn begins caught up. What does
    nothing stands still meanwhile, for it is an API process too and would follow the log."""
    rates: dict[str, list[float]] = {CREATE: [], REAL: []}
    async with system() as real, doing_nothing(real) as nothing:
        tokens = await real.tokens(CALLERS)
        for _ in range(ROUNDS):
            rates[CREATE].append(await _rate(real, nothing.port, CREATE, tokens))
            with nothing.standing_still():
                rates[REAL].append(await _rate(real, real.port, REAL, tokens))
    ceiling, value = median(rates[CREATE]), median(rates[REAL])
    return [
        Figure(
            name="create a task",
            value=value,
            unit="commands/s",
            ceiling=ceiling,
            ceiling_name="doing nothing",
            target=f"at least {TARGET} x",
            reached=value >= TARGET * ceiling,
        )
    ]


async def _rate(real: System, port: int, path: str, tokens: Sequence[str]) -> float:
    await real.caught_up()
    callers = [creations(path, token) for token in tokens]
    return await answers_per_second(port, callers, status=201, seconds=SECONDS, warm_up=1.0)


def creations(path: str, token: str) -> Iterator[bytes]:
    for number in count():
        body = {
            "title": f"Order {number} boxes of paper",
            "description": "A4, for the printers on the second floor.",
            "priority": "high",
            "due": "2031-05-17",
        }
        yield request("POST", path, token=token, body=body)


if __name__ == "__main__":
    show(measure)
