"""Threads for a client that blocks: never so many that a request waits for long."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from urllib3.exceptions import HTTPError

from events.refusals import NotFound, Unavailable

WAIT_SECONDS = 5.0
MISSING = frozenset({"NoSuchKey", "NoSuchBucket"})
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Threads:
    """A pool whose queue is as short as the wait for it; what fails in it is a refusal."""

    def __init__(self, name: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._free = asyncio.Semaphore(count)

    async def run(self, work: Callable[[], T], *, seconds: float | None = None) -> T:
        from minio.error import MinioException, S3Error  # loaded by whoever makes the client

        await acquire(self._free)
        running = asyncio.get_running_loop().run_in_executor(self._pool, work)
        running.add_done_callback(self._done)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(running)
        except S3Error as error:
            if error.code in MISSING:
                raise _missing() from None
            raise _away(error) from error
        except (MinioException, HTTPError, OSError) as error:
            raise _away(error) from error

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, running: "asyncio.Future[Any]") -> None:
        self._free.release()
        if not running.cancelled():
            running.exception()  # nobody may be waiting for it any more


async def acquire(free: asyncio.Semaphore) -> None:
    """Raises `Unavailable` when nothing becomes free for a while."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await free.acquire()
    except TimeoutError:
        raise Unavailable("too many files are on their way; try again", retry_after=5) from None


def _missing() -> NotFound:
    return NotFound("the store for files does not have it", code="content-missing")


def _away(error: BaseException) -> Unavailable:
    _log.warning("the object store failed: %s", type(error).__name__)
    return Unavailable("the store for files does not answer; try again", retry_after=2)
