"""Answers of a dialect that hold until something happens, or falls overdue."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

import msgspec
from litestar import MediaType, Response

from queries.services import Queries


@runtime_checkable
class Cache(Protocol):
    async def get(self, key: str, position: int) -> bytes | None: ...
    async def put(self, key: str, position: int, value: bytes, seconds: float) -> None: ...


async def cached(
    cache: Cache,
    queries: Queries,
    position: int | None,
    question: str,
    life: timedelta,
    answer: Callable[[], Awaitable[Any]],
) -> Response[bytes]:
    """`position` is the log's head, which the read models show; None if they are late. Whatever
    makes a difference to the answer stands in `question`, beginning with the dialect."""
    if position is None:
        return _json(msgspec.json.encode(await answer()))
    key = f"dialects:{queries.log_id}:{hashlib.sha256(question.encode()).hexdigest()}"
    content = await cache.get(key, position)
    if content is None:
        until = await queries.deadlines.within(life)
        content = msgspec.json.encode(await answer())
        await cache.put(key, position, content, (until - queries.now()).total_seconds())
    return _json(content)


def _json(content: bytes) -> Response[bytes]:
    return Response(content, media_type=MediaType.JSON)
