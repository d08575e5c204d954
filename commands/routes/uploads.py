"""How do files get from a multipart request into the store, without being held in memory?"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

import msgspec
from litestar import Request
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from commands.attachments import empty_file
from commands.file_types import FileType, Sniffer, checked_name, declared_type
from events.ids import new_id
from events.refusals import Invalid, TooLarge
from gateway.http import Rejected

MAX_FILES = 20
LONG = 256 << 10  # to digest it takes longer than to hand it to a thread


@runtime_checkable
class Store(Protocol):
    async def put(
        self, key: UUID, content: AsyncIterator[bytes], *, media_type: str | None = None
    ) -> None:
        """Raises what `content` raises, and `Unavailable`; then nothing is kept."""
        ...

    def discard(self, keys: Iterable[UUID]) -> None: ...


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    key: UUID
    name: str
    content_type: str
    size: int
    sha256: str


async def store_files(
    request: Request[Any, Any, Any],
    store: Store,
    *,
    limit: int,
    parts: Collection[str] = ("files", "file"),
    most: int = MAX_FILES,
    takes: Callable[[MultipartSegment], bool] | None = None,
) -> list[StoredFile]:
    """Every file of the request, checked on its way. Raises a refusal; then none is kept.

    `parts` are the names under which files may come, `limit` the bytes that one may have. What
    `takes` does not take is passed over.
    """
    stored: list[StoredFile] = []
    body = Multipart(request.stream(), request.headers.get("content-type", ""))
    try:
        async for part in body.parts():
            if takes is not None and not takes(part):
                continue
            _check_part(part, parts, len(stored) < most)
            stored.append(await _store(part, body.content(), store, limit))
    except BaseException:
        store.discard(file.key for file in stored)
        raise
    if not stored:
        raise Invalid("send at least one file", code="no-files", field=next(iter(parts)))
    return stored


def fingerprint_of(request: Request[Any, Any, Any], files: Iterable[StoredFile]) -> bytes:
    """Tells apart two uploads with the same idempotency key."""
    asked = [request.method, request.scope["path"]]
    for file in files:
        asked += [file.name, file.content_type, file.sha256]
    return hashlib.sha256("\n".join(asked).encode()).digest()


class Multipart:
    """One body of parts, read once and in order: after each of `parts()` its `content()`, or it
    is passed over. Raises `Rejected` for what is none."""

    def __init__(self, body: AsyncIterator[bytes], content_type: str) -> None:
        essence, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if essence != "multipart/form-data" or not boundary:
            raise Rejected(
                415,
                "unsupported-media-type",
                "send the files as multipart/form-data",
                field="Content-Type",
                headers={"Accept": "multipart/form-data"},
            )
        self._body = body
        try:
            self._parser = PushMultipartParser(boundary, max_segment_count=1_000)
        except MultipartError as error:
            raise _malformed(error) from None
        self._events = self._parsed()

    async def parts(self) -> AsyncIterator[MultipartSegment]:
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                yield event

    async def content(self) -> AsyncIterator[bytes]:
        async for event in self._events:
            if event is None:
                return
            assert isinstance(event, bytes | bytearray), "a part's bytes end before the next part"
            yield bytes(event)

    async def _parsed(self) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
        async for chunk in self._body:
            try:
                for event in self._parser.parse(chunk):
                    yield event
            except (MultipartError, UnicodeError) as error:
                raise _malformed(error) from None
        try:
            self._parser.close()
        except MultipartError as error:
            raise _malformed(error) from None


async def _store(
    part: MultipartSegment, content: AsyncIterator[bytes], store: Store, limit: int
) -> StoredFile:
    name = checked_name(part.filename or "")
    kind = declared_type(name, part.content_type)
    passing = _Passing(name, kind, limit)
    key = new_id()
    await store.put(key, passing.through(content), media_type=kind.media_type)
    return StoredFile(
        key=key,
        name=name,
        content_type=kind.media_type,
        size=passing.size,
        sha256=passing.digest.hexdigest(),
    )


class _Passing:
    """Counts, digests and looks at what passes."""

    def __init__(self, name: str, kind: FileType, limit: int) -> None:
        self.size = 0
        self.digest = hashlib.sha256()
        self._name = name
        self._sniffer = Sniffer(name, kind)
        self._limit = limit

    async def through(self, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in content:
            self.size += len(chunk)
            if self.size > self._limit:
                raise TooLarge(
                    f"{self._name} has more than {self._limit} bytes",
                    field="files",
                    file=self._name,
                    limit=self._limit,
                )
            if len(chunk) < LONG:
                self.digest.update(chunk)
            else:  # other requests go on meanwhile
                await asyncio.to_thread(self.digest.update, chunk)
            self._sniffer.feed(chunk)
            yield chunk
        if not self.size:
            raise empty_file(self._name)
        self._sniffer.finish()


def _check_part(part: MultipartSegment, parts: Collection[str], is_room: bool) -> None:
    if part.filename is None or part.name not in parts:
        name = (part.name or "")[:100]
        raise Invalid(
            f"send files only, in parts named {' or '.join(parts)}",
            code="unknown-part",
            field=name if name.isprintable() and name else None,
        )
    if not is_room:
        raise Invalid("too many files at once", code="too-many-files", field=part.name)


def _malformed(error: Exception) -> Rejected:
    why = error.args[0] if isinstance(error, MultipartError) else error  # behind it is its cause
    return Rejected(400, "malformed", f"the body is no multipart/form-data: {why}")
