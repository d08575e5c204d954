"""How many lists of 50 tasks a second, beside a route with the same auth returning the bytes?"""

from collections.abc import Iterator, Sequence
from itertools import repeat
from statistics import median

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import answers_per_second, json_answer, request
from tests.benchmarks.nothing import LIST
from tests.benchmarks.system import System, doing_nothing, system

CALLERS, PEOPLE = 64, 16
TASKS = 60  # each has some, so that there is another page
ROUNDS, SECONDS = 5, 2.0
TARGET = 0.3
REAL = "/v1/tasks?limit=50"


async def measure() -> Sequence[Figure]:
    rates: dict[str, list[float]] = {LIST: [], REAL: []}
    async with system() as real:
        tokens = await real.tokens(PEOPLE)
        for token in tokens:
            await fill(real, token)
        await real.caught_up()
        listing = request("GET", REAL, token=tokens[0])
        answer, page = await json_answer(real.port, listing, status=200)
        assert len(page["items"]) == 50
        assert page["next_cursor"]
        async with doing_nothing(real, answer.body) as nothing:
            for _ in range(ROUNDS):
                for port, path in ((nothing.port, LIST), (real.port, REAL)):
                    callers = [asking(path, tokens[n % PEOPLE]) for n in range(CALLERS)]
                    rate = await answers_per_second(port, callers, status=200, seconds=SECONDS)
                    rates[path].append(rate)
    ceiling, value = median(rates[LIST]), median(rates[REAL])
    return [
        Figure(
            name="list 50 tasks",
            value=value,
            unit="lists/s",
            ceiling=ceiling,
            ceiling_name=f"the same {len(answer.body) >> 10} KiB",
            target=f"at least {TARGET} x",
            reached=value >= TARGET * ceiling,
        )
    ]


async def fill(real: System, token: str) -> None:
    """Full tasks, every other one with tags."""
    tasks = [
        {
            "title": f"Order {number} boxes of paper",
            "description": "A4, for the printers on the second floor. " * 3,
            "priority": "high",
            "due": "2031-05-17",
            "tags": ["office", "urgent", f"floor {number % 5}"] if number % 2 else [],
        }
        for number in range(TASKS)
    ]
    sent = request("POST", "/v1/tasks/bulk", token=token, body={"tasks": tasks})
    await json_answer(real.port, sent, status=200)


def asking(path: str, token: str) -> Iterator[bytes]:
    return repeat(request("GET", path, token=token))


if __name__ == "__main__":
    show(measure)
