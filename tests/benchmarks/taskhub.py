"""How many of TaskHub's lists of 50 full tasks a second, beside returning the same bytes?"""

from collections.abc import Iterator, Sequence
from itertools import repeat
from statistics import median
from typing import Any

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import answers_per_second, json_answer, request
from tests.benchmarks.nothing import LIST
from tests.benchmarks.system import System, doing_nothing, free_port, system

CALLERS, TASKS = 64, 60
ROUNDS, SECONDS = 3, 2.0
READ, CACHED = 0.3, 0.6
REAL = "/taskhub/api/tasks?page_size=50"
UNLIMITED = {"TASKTRAIL_TASKHUB_RATE_LIMIT": "0"}


async def measure() -> Sequence[Figure]:
    """Nothing is cached without a Valkey and without room in the process."""
    nowhere = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}", "TASKTRAIL_CACHE_BYTES": "0"}
    return [
        await figure("TaskHub's list of 50", READ, **nowhere),
        await figure("the same, cached", CACHED),
    ]


async def figure(name: str, target: float, **settings: str) -> Figure:
    ceilings: list[float] = []
    values: list[float] = []
    async with system(**UNLIMITED, **settings) as real:
        [native] = await real.tokens(1)
        token = await member(real)
        await fill(real, token)
        await real.caught_up()
        answer, page = await json_answer(real.port, request("GET", REAL, token=token), status=200)
        assert len(page["tasks"]) == 50
        async with doing_nothing(real, answer.body) as nothing:
            for _ in range(ROUNDS):
                ceilings.append(await rate(nothing.port, LIST, native))
                values.append(await rate(real.port, REAL, token))
    ceiling, value = median(ceilings), median(values)
    return Figure(
        name=name,
        value=value,
        unit="lists/s",
        ceiling=ceiling,
        ceiling_name=f"the same {len(answer.body) >> 10} KiB",
        target=f"at least {target} x",
        reached=value >= target * ceiling,
    )


async def rate(port: int, path: str, token: str) -> float:
    callers: list[Iterator[bytes]] = [
        repeat(request("GET", path, token=token)) for _ in range(CALLERS)
    ]
    return await answers_per_second(port, callers, status=200, seconds=SECONDS)


async def member(real: System) -> str:
    body = {
        "email": "ada@example.org",
        "username": "ada",
        "full_name": "Ada Lovelace",
        "password": "correct horse battery",
    }
    made = await send(real, "POST", "/taskhub/api/auth/register", body)
    return str(made["access_token"])


async def fill(real: System, token: str) -> None:
    """Every other one with tags, every fifth with a comment."""
    tasks = [
        {
            "title": f"Order {number} boxes of paper",
            "description": "A4, for the printers on the second floor. " * 3,
            "due_date": "2031-05-17T00:00:00Z",
            "tags": ["office", f"floor {number % 5}"] if number % 2 else [],
        }
        for number in range(TASKS)
    ]
    made = await send(real, "POST", "/taskhub/api/tasks/bulk", {"tasks": tasks}, token)
    for task in made[::5]:
        path = f"/taskhub/api/tasks/{task['id']}/comments"
        await send(real, "POST", path, {"content": "They are *almost* used up."}, token)


async def send(real: System, method: str, path: str, body: Any, token: str | None = None) -> Any:
    sent = request(method, path, token=token, body=body)
    return (await json_answer(real.port, sent, status=201))[1]


if __name__ == "__main__":
    show(measure)
