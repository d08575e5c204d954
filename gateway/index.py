"""What answers where nothing of the API does: the way in, and what problems mean."""

import asyncio
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, get
from litestar.params import FromPath

from events.refusals import NotFound
from gateway.http import HttpRequest
from gateway.openapi import describe
from gateway.problem_catalog import PROBLEMS, ProblemDescription

_SAFE = {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src data:; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
LINKS = {
    "api": "/v1",
    "docs": "/v1/docs",
    "openapi": "/v1/openapi.json",
    "problems": "/v1/problems",
    "live": "/live",
    "ready": "/ready",
    "health": "/v1/health",
    "metrics": "/metrics",
}


@get(["/", "/v1"], include_in_schema=False, sync_to_thread=False)
def index() -> dict[str, Any]:
    """Where everything is."""
    return {"name": "Tasktrail", "links": LINKS}


@get("/v1/problems", operation_id="listProblems", tags=["problems"], sync_to_thread=False)
def list_problems() -> list[ProblemDescription]:
    """Every problem that the API may answer with, by its stable code."""
    return list(PROBLEMS.values())


@get("/v1/problems/{code:str}", operation_id="getProblem", tags=["problems"], sync_to_thread=False)
def get_problem(code: FromPath[str]) -> ProblemDescription:
    """What a problem means and what to do about it; a problem's `type` points here."""
    if code not in PROBLEMS:
        raise NotFound("there is no such problem")
    return PROBLEMS[code]


@get(["/v1/openapi.json", "/openapi.json"], include_in_schema=False)
async def openapi(request: HttpRequest) -> Response[bytes]:
    """The API's description (OpenAPI 3.1), made once and beside other requests."""
    state = request.app.state
    if "openapi" not in state:
        state.openapi = await asyncio.to_thread(_describe, request.app)
    return page(state.openapi, "application/vnd.oai.openapi+json;version=3.1")


def _describe(app: Litestar) -> bytes:
    return msgspec.json.encode(describe(app))


@get(["/v1/docs", "/docs"], include_in_schema=False, sync_to_thread=False)
def docs() -> Response[bytes]:
    """The same for people: one page that needs nothing from elsewhere."""
    return page(files("gateway").joinpath("docs.html").read_bytes(), MediaType.HTML)


def page(content: bytes, media_type: str | MediaType) -> Response[bytes]:
    return Response(
        content, media_type=media_type, headers={"Cache-Control": "max-age=300", **_SAFE}
    )


INDEX_ROUTES: list[Any] = [index, list_problems, get_problem, openapi, docs]
