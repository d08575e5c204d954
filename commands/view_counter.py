"""Who sees a post is counted, each once and exactly, however many look at the same time."""

import asyncio
from uuid import UUID
from weakref import WeakValueDictionary

from commands.handler import Handler, Outcome
from commands.posts import POSTS
from commands.views import VIEWS, view_of
from events.append import CommandRequest
from events.posts import views_of
from events.refusals import Conflict, NotFound, Unavailable

_ROUNDS = 10
_PATIENCE = 2.0


class ViewCounter:
    """Views of one post follow each other here, so that only those that other processes count
    meanwhile are decided again."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def count(self, post: UUID, request: CommandRequest) -> Outcome:
        """The outcome's stream knows the count, this view included. Raises a `Refusal`."""
        stream = await self._handler.load(post, POSTS, fresh=False)
        if stream.owner is None:
            raise NotFound("there is no such post")
        command = view_of(post, stream.owner)
        turn = self._turns.setdefault(post, asyncio.Lock())
        async with turn:
            for _ in range(_ROUNDS - 1):
                try:
                    return await self._handler.handle([command], request)
                except Conflict as conflict:
                    if conflict.code != "contention":
                        raise
            return await self._handler.handle([command], request)

    async def seen(self, post: UUID, request: CommandRequest) -> int:
        """The count with this view; while nothing can be written, what is known without it."""
        try:
            async with asyncio.timeout(_PATIENCE):
                return views_in(await self.count(post, request))
        except (Unavailable, TimeoutError):
            return await self.of(post, fresh=False)

    async def of(self, post: UUID, *, fresh: bool = True) -> int:
        """As the log has it now; without `fresh` perhaps as it had it a moment ago."""
        return (await self._handler.load(views_of(post), VIEWS, fresh=fresh)).state.count


def views_in(outcome: Outcome) -> int:
    count: int = outcome.stream.state.count
    return count
