"""What do creates and lists cost in the older systems' dialects, beside the native ones?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from statistics import median
from typing import Any
from uuid import uuid4

import jwt

from tests.benchmarks.figures import Figure, show
from tests.benchmarks.load import answers_per_second, json_answer, request
from tests.benchmarks.system import System, system

CALLERS, TASKS = 64, 50
ROUNDS, SECONDS = 3, 2.0
DEARER = 1.3
BETTER_AUTH_SECRET = "the secret of a frontend that signs"
SETTINGS = {
    "BETTER_AUTH_SECRET": BETTER_AUTH_SECRET,
    "TASKTRAIL_TASKHUB_RATE_LIMIT": "0",
    "TASKTRAIL_TASKMANAGER_LOGIN_LIMIT": "0",
    "TASKTRAIL_TASKMANAGER_REGISTER_LIMIT": "0",
    "TASKTRAIL_TASKMANAGER_TASK_LIMIT": "0",
    "TASKTRAIL_CACHE_BYTES": "0",
}
PASSWORD = "correct horse battery"
NATIVE = "native"


@dataclass(frozen=True)
class User:
    token: str
    tasks: str
    listing: str


async def measure() -> Sequence[Figure]:
    """Each system's lists are those of one of its users, creates are those of another."""
    figures: list[Figure] = []
    async with system(**SETTINGS) as real:
        creating = await users(real)
        listing = await users(real)
        for user in listing.values():
            for number in range(TASKS):
                await sent(real, "POST", user.tasks, body(number), user.token)
        creates = {name: list[float]() for name in creating}
        lists = {name: list[float]() for name in listing}
        for _ in range(ROUNDS):
            for name, user in creating.items():
                await real.caught_up()
                creates[name].append(await rate(real, creations(user), 201))
            for name, user in listing.items():
                await real.caught_up()
                lists[name].append(await rate(real, listings(user), 200))
    for kind, rates in (("create", creates), ("list of 50", lists)):
        figures += compared(kind, {name: median(found) for name, found in rates.items()})
    return figures


def compared(kind: str, rates: dict[str, float]) -> Iterator[Figure]:
    native = rates.pop(NATIVE)
    for name, value in rates.items():
        yield Figure(
            name=f"{name}: {kind}",
            value=value,
            unit="answers/s",
            ceiling=native,
            ceiling_name="natively",
            target=f"at least {1 / DEARER:.2f} x",
            reached=value * DEARER >= native,
        )


async def rate(real: System, asked: Iterator[bytes], status: int) -> float:
    callers = [asked for _ in range(CALLERS)]
    return await answers_per_second(real.port, callers, status=status, seconds=SECONDS)


def creations(user: User) -> Iterator[bytes]:
    return repeat(request("POST", user.tasks, token=user.token, body=body(0)))


def listings(user: User) -> Iterator[bytes]:
    return repeat(request("GET", user.listing, token=user.token))


def body(number: int) -> dict[str, str]:
    return {
        "title": f"Order {number} boxes of paper",
        "description": "A4, for the printers on the second floor.",
    }


async def users(real: System) -> dict[str, User]:
    """One of each system."""
    native = await native_user(real)
    return {
        NATIVE: native,
        "taskflow": await taskflow_user(real),
        "todo": todo_user(),
        "taskhub": await taskhub_user(real),
        "phase3": await phase3_user(real),
        "taskmanager": await taskmanager_user(real),
    }


async def native_user(real: System) -> User:
    [token] = await real.tokens(1)
    return User(token, "/v1/tasks", "/v1/tasks?limit=50")


async def taskflow_user(real: System) -> User:
    who = {"email": email(), "password": PASSWORD, "full_name": "Ada Lovelace"}
    await sent(real, "POST", "/taskflow/auth/signup", who)
    made = await sent(real, "POST", "/taskflow/auth/login", who, status=200)
    return User(made["access_token"], "/taskflow/tasks", "/taskflow/tasks")


def todo_user() -> User:
    user, end = uuid4().hex, datetime.now(UTC) + timedelta(hours=1)
    token = jwt.encode({"sub": user, "email": email(), "exp": end}, BETTER_AUTH_SECRET, "HS256")
    tasks = f"/todo/api/{user}/tasks"
    return User(token, tasks, f"{tasks}?limit=50")


async def taskhub_user(real: System) -> User:
    who = {
        "email": email(),
        "username": uuid4().hex[:12],
        "full_name": "Ada Lovelace",
        "password": PASSWORD,
    }
    made = await sent(real, "POST", "/taskhub/api/auth/register", who)
    return User(made["access_token"], "/taskhub/api/tasks", "/taskhub/api/tasks?page_size=50")


async def phase3_user(real: System) -> User:
    who = {
        "email": email(),
        "name": "Ada Lovelace",
        "password": PASSWORD,
        "confirm_password": PASSWORD,
    }
    made = await sent(real, "POST", "/phase3/api/v1/register", who, status=200)
    tasks = f"/phase3/api/{made['id']}/"
    return User(made["token"], tasks, tasks)


async def taskmanager_user(real: System) -> User:
    who = {"username": uuid4().hex[:12], "email": email(), "password": PASSWORD}
    await sent(real, "POST", "/taskmanager/auth/register", who)
    made = await sent(real, "POST", "/taskmanager/auth/login", who, status=200)
    return User(made["access_token"], "/taskmanager/tasks", "/taskmanager/tasks?limit=50")


def email() -> str:
    return f"{uuid4().hex}@example.org"


async def sent(
    real: System, method: str, path: str, body: Any, token: str | None = None, status: int = 201
) -> Any:
    asked = request(method, path, token=token, body=body)
    return (await json_answer(real.port, asked, status=status))[1]


if __name__ == "__main__":
    show(measure)
