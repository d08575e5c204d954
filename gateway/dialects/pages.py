"""Where an older system's document and its pages for people stand."""

import asyncio
import html
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from litestar import MediaType, Response, Router, get

from gateway.dialects.fastapi import EXCEPTION_HANDLERS, WireRequest
from gateway.dialects.mounts import AT_ROOT
from gateway.dialects.openapi import System, describe
from gateway.index import page


def documented(system: System) -> Router:
    """Its document and pages, below its prefix and, if it answers there too, at the root."""

    @get(system.document)
    async def document(request: WireRequest) -> Response[bytes]:
        content = await asyncio.to_thread(document_of, system, _base(system, request))
        return page(content, MediaType.JSON)

    @get(list(system.pages), sync_to_thread=False)
    def docs(request: WireRequest) -> Response[bytes]:
        return page(docs_of(system, _base(system, request)), MediaType.HTML)

    return Router(
        path=f"/{system.name}",
        route_handlers=[document, docs],
        exception_handlers=EXCEPTION_HANDLERS,
        include_in_schema=False,
    )


@cache
def document_of(system: System, base: str) -> bytes:
    return msgspec.json.encode(describe(system, at=base))


@cache
def docs_of(system: System, base: str) -> bytes:
    """The native API's page with another document; it needs nothing from elsewhere either."""
    text = files("gateway").joinpath("docs.html").read_text()
    for ours, theirs in (
        ("/v1/openapi.json", base + system.document),
        ('<a href="/v1/problems">problems</a>', ""),
        ("Tasktrail API", html.escape(system.title)),
    ):
        if ours not in text:
            raise LookupError(f"docs.html has no {ours} any more")
        text = text.replace(ours, theirs)
    return text.encode()


def _base(system: System, request: Any) -> str:
    return "" if request.scope["state"].get(AT_ROOT) else f"/{system.name}"
