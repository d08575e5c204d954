"""What is remembered of streams, and when it is read again."""

from uuid import UUID

import pytest

from commands.base import Stream
from commands.state_of_tasks import Task
from commands.streams import StreamCache
from commands.tasks import TASKS
from events.envelope import Recorded
from events.ids import new_id


class Empty:
    """A log with nothing in it, which counts how often it is read."""

    def __init__(self) -> None:
        self.read = 0

    async def stream(
        self, stream: UUID, *, after: int = 0, up_to: int | None = None
    ) -> list[Recorded]:
        self.read += 1
        return []

    async def newest(self, stream: UUID) -> list[Recorded]:
        return await self.stream(stream)

    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]:
        return []

    tolerant_after = after


def task(length: int = 0, version: int = 1, id: UUID | None = None) -> Stream[Task]:
    state = Task(title="x", description="x" * length)
    return Stream(id=id or new_id(), state=state, version=version)


async def is_kept(cache: StreamCache, log: Empty, stream: Stream[Task]) -> bool:
    before = log.read
    await cache.load(stream.id, TASKS, fresh=False)
    return log.read == before


async def test_the_oldest_go_when_there_are_too_many() -> None:
    cache = StreamCache(log := Empty(), size=2)
    first, second, third = task(), task(), task()
    cache.keep([first, second, third])
    assert [await is_kept(cache, log, each) for each in (first, second, third)] == [0, 1, 1]


@pytest.mark.parametrize("versions", [1, 30])
async def test_the_oldest_go_when_their_texts_are_too_long(versions: int) -> None:
    """However often one of them was replaced by its next version."""
    cache = StreamCache(log := Empty(), length=1_000)
    first, second, third = task(400), task(400), task(400)
    cache.keep([first, second])
    for version in range(1, versions + 1):
        cache.keep([task(400, version, second.id)])
    assert await is_kept(cache, log, first)
    cache.keep([third])
    assert [await is_kept(cache, log, each) for each in (first, second, third)].count(True) == 2
    assert await is_kept(cache, log, third)


async def test_one_that_is_too_long_for_all_is_not_kept() -> None:
    cache = StreamCache(log := Empty(), length=1_000)
    cache.keep([small := task(10), large := task(2_000)])
    assert not await is_kept(cache, log, large)
    assert not await is_kept(cache, log, small)
    cache.keep([small])
    assert await is_kept(cache, log, small)
