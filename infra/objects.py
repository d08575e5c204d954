"""Where do files lie? In a store that speaks S3, under flat UUID keys, behind bounded waits."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Self
from urllib.parse import urlsplit
from uuid import UUID

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout

from events.refusals import NotFound, Unavailable
from infra.settings import Settings
from infra.spool import spool, unnamed_file
from infra.store_threads import MISSING, WAIT_SECONDS, Threads, acquire

if TYPE_CHECKING:  # it takes 0.1 s of CPU, for which no start should wait
    from minio import Minio

PART = 16 << 20  # of an object that is put, held in memory
CHUNK = 256 << 10  # of a download
UPLOADS = 32  # that may be arriving at once, each in a file of its own
PUTS, OTHERS = 16, 16  # threads
MARK = "log-id"
_TAKEN = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listed:
    key: UUID
    size: int
    modified: datetime


@dataclass(frozen=True)
class Content:
    """An open object; `chunks` must be read to its end or closed."""

    size: int
    chunks: AsyncGenerator[bytes, None]


class Objects:
    """The bucket of an installation. Every failure is an `Unavailable`, but for `NotFound`
    (`content-missing`)."""

    def __init__(
        self,
        endpoint: str | None,
        *,
        access_key: str = "",
        secret_key: str = "",
        bucket: str = "tasktrail",
        region: str = "us-east-1",
        public_url: str | None = None,
    ) -> None:
        """Without an endpoint there are no files, and everything that needs one is refused."""
        self._endpoint = endpoint
        self._public_url = public_url or endpoint
        self._access: Any = {"access_key": access_key, "secret_key": secret_key, "region": region}
        self._bucket = bucket
        self._is_made = False
        self._arriving = asyncio.Semaphore(UPLOADS)
        self._puts = Threads("put", PUTS)
        self._others = Threads("objects", OTHERS)
        self._discarding: set[asyncio.Task[None]] = set()
        self._http = PoolManager(
            maxsize=PUTS + OTHERS,
            timeout=Timeout(connect=5, read=30),
            retries=Retry(
                total=2, read=1, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]
            ),
        )
        self._clients: dict[str | None, Minio] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            settings.s3_endpoint_url,
            access_key=settings.s3_access_key or "",
            secret_key=settings.s3_secret_key or "",
            bucket=settings.s3_bucket,
            region=settings.s3_region,
            public_url=settings.s3_public_url,
        )

    async def put(
        self, key: UUID, content: AsyncIterator[bytes], *, media_type: str | None = None
    ) -> None:
        """Stored once all of it is there. What `content` raises is raised here, and then nothing
        is kept."""
        await self._make_bucket()
        await acquire(self._arriving)
        try:
            with unnamed_file() as file:
                await spool(content, file)
                await self.put_file(key, file, media_type=media_type)
        finally:
            self._arriving.release()

    async def put_file(self, key: UUID, file: BinaryIO, *, media_type: str | None = None) -> None:
        """All of it, read in a thread; closed meanwhile, it is not kept."""
        await self._make_bucket()
        store = partial(
            (await self._store()).put_object,
            self._bucket,
            str(key),
            file,
            os.fstat(file.fileno()).st_size,
            content_type=media_type or "application/octet-stream",
            part_size=PART,
            num_parallel_uploads=1,  # several would compete with everybody, and hold a part each
        )
        try:
            await self._puts.run(store)
        except BaseException:
            self._is_made = False  # as far as we know
            self.discard([key])
            raise

    async def size(self, key: UUID) -> int:
        """Raises `NotFound`."""
        found = await self._others.run(
            partial((await self._store()).stat_object, self._bucket, str(key)), seconds=10
        )
        return found.size or 0

    async def open(self, key: UUID) -> Content:
        """Raises `NotFound`."""
        size = await self.size(key)
        store = await self._store()
        response = await self._others.run(partial(store.get_object, self._bucket, str(key)))
        return Content(size, self._chunks(response))

    async def remove(self, key: UUID) -> None:
        """Also where there is none."""
        await self._others.run(
            partial((await self._store()).remove_object, self._bucket, str(key)), seconds=10
        )

    async def belongs_to(self, log_id: UUID) -> bool:
        """Whether the bucket's objects are of this log; the first to ask says so in it."""
        await self._make_bucket()
        kept = await self._others.run(
            partial(_marked, await self._store(), self._bucket, str(log_id).encode()), seconds=10
        )
        return kept == str(log_id).encode()

    async def standing(self) -> str:
        """`off` without a store, `ok` when the bucket can be used; else what is wrong."""
        if self._endpoint is None:
            return "off"
        self._is_made = False
        try:
            await self._make_bucket()
        except NotFound:
            return "no bucket"
        except Unavailable as error:
            if error.__cause__ is None:
                return "busy"
            code = getattr(error.__cause__, "code", None)
            return f"refused: {code}" if code else "away"
        return "ok"

    def discard(self, keys: Iterable[UUID]) -> None:
        """Remove them when that is possible; what stays is left to the sweep."""
        for key in keys:
            removing = asyncio.create_task(self._try_to_remove(key), name="discard")
            self._discarding.add(removing)
            removing.add_done_callback(self._discarding.discard)

    def link(self, key: UUID, *, seconds: int, headers: Mapping[str, str]) -> str:
        """A URL that needs no token; `headers` are those of its answer, such as
        `content-type`."""
        answered: dict[str, Any] = {f"response-{name}": value for name, value in headers.items()}
        return self._client(self._public_url).presigned_get_object(
            self._bucket, str(key), timedelta(seconds=seconds), response_headers=answered
        )

    async def listed(self, *, page: int = 500) -> AsyncIterator[list[Listed]]:
        """Every object whose key is a UUID, a page at a time."""
        await self._make_bucket()
        found = iter((await self._store()).list_objects(self._bucket))
        while objects := await self._others.run(lambda: list(islice(found, page))):
            yield list(_ours(objects))

    async def close(self) -> None:
        """Waits for what is being discarded, for a while."""
        if self._discarding:
            await asyncio.wait(self._discarding, timeout=WAIT_SECONDS)
        self._puts.close()
        self._others.close()
        self._http.clear()

    async def _store(self) -> "Minio":
        if self._endpoint in self._clients:
            return self._clients[self._endpoint]
        return await asyncio.to_thread(self._client, self._endpoint)

    def _client(self, url: str | None) -> "Minio":
        if url is None:
            raise Unavailable("no object store is configured", retry_after=60)
        if url not in self._clients:
            from minio import Minio

            parts = urlsplit(url)
            secure = parts.scheme == "https"
            self._clients[url] = Minio(
                parts.netloc, secure=secure, http_client=self._http, **self._access
            )
        return self._clients[url]

    async def _make_bucket(self) -> None:
        if not self._is_made:
            await self._others.run(partial(_make, await self._store(), self._bucket), seconds=10)
            self._is_made = True

    async def _try_to_remove(self, key: UUID) -> None:
        try:
            await self.remove(key)
        except Exception as error:
            _log.warning("object %s stays for the sweep: %s", key, type(error).__name__)

    async def _chunks(self, response: BaseHTTPResponse) -> AsyncGenerator[bytes, None]:
        try:
            while chunk := await self._others.run(partial(response.read, CHUNK)):
                yield chunk
        finally:
            response.close()
            response.release_conn()


def _make(client: "Minio", bucket: str) -> None:
    from minio.error import S3Error

    if not client.bucket_exists(bucket):
        try:
            client.make_bucket(bucket)
        except S3Error as error:
            if error.code not in _TAKEN:
                raise


def _marked(client: "Minio", bucket: str, mark: bytes) -> bytes:
    from minio.error import S3Error

    try:
        client.stat_object(bucket, MARK)
    except S3Error as error:
        if error.code not in MISSING:
            raise
        client.put_object(bucket, MARK, BytesIO(mark), len(mark))
        return mark
    response = client.get_object(bucket, MARK)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def _ours(objects: Iterable[Any]) -> Iterator[Listed]:
    for each in objects:
        try:
            yield Listed(UUID(each.object_name), each.size or 0, each.last_modified)
        except ValueError:
            continue
