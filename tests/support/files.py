"""Files to upload, and where they are stored."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx

from infra.embedded.s3 import EmbeddedS3
from infra.objects import Objects
from tests.support.api import bearer
from tests.support.people import Person

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def s3_settings(server: EmbeddedS3, bucket: str = "tasktrail") -> dict[str, Any]:
    return {
        "s3_endpoint_url": server.url,
        "s3_access_key": server.access_key,
        "s3_secret_key": server.password,
        "s3_bucket": bucket,
    }


def objects_in(
    server: EmbeddedS3, bucket: str = "tasktrail", *, address: str | None = None
) -> Objects:
    """`address` is that of what stands before the server."""
    return Objects(
        f"http://{address}" if address else server.url,
        access_key=server.access_key,
        secret_key=server.password,
        bucket=bucket,
    )


async def arriving(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def read(objects: Objects, key: UUID) -> bytes:
    content = await objects.open(key)
    return b"".join([chunk async for chunk in content.chunks])


async def keys_in(objects: Objects) -> set[UUID]:
    return {each.key async for page in objects.listed() for each in page}


async def upload(
    person: Person,
    task: str,
    *files: tuple[str, bytes, str],
    part: str = "files",
    **headers: str,
) -> httpx.Response:
    """Files as (name, content, declared type)."""
    return await person.api.post(
        f"/v1/tasks/{task}/attachments",
        files=[(part, file) for file in files],
        headers=bearer(person.tokens, **headers),
    )
