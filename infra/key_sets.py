"""Where does a set of keys (RFC 7517) come from: a URL, a file, or the setting itself?"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

SECONDS = 5.0
MAX_BYTES = 1 << 20


class NoKeys(Exception):
    """Where they should be they cannot be read."""


def key_source(value: str) -> Callable[[], Awaitable[bytes]]:
    """Raises `NoKeys` when it is called and fails."""
    if value.startswith("{"):
        return lambda: _given(value.encode())
    if "://" in value:
        return lambda: _in_time(lambda: _fetched(value))
    return lambda: _in_time(Path(value).read_bytes)


async def _given(content: bytes) -> bytes:
    return content


async def _in_time(read: Callable[[], bytes]) -> bytes:
    try:
        async with asyncio.timeout(SECONDS):
            return await asyncio.to_thread(read)
    except (OSError, HTTPError, TimeoutError) as error:
        raise NoKeys(str(error) or type(error).__name__) from error


def _fetched(url: str) -> bytes:
    """It is where it says, or it is not: no other place is believed."""
    with (
        PoolManager(retries=Retry(False), timeout=Timeout(total=SECONDS)) as pool,
        pool.request("GET", url, redirect=False, preload_content=False) as answer,
    ):
        content = answer.read(MAX_BYTES + 1)
        if answer.status != 200 or len(content) > MAX_BYTES:
            raise NoKeys(f"the answer is {answer.status}, {len(content)} bytes")
        return content
