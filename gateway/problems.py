"""How a refusal, or anything else that went wrong, becomes a problem document (RFC 9457)."""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg

from events import refusals
from events.refusals import Refusal
from gateway.http import Rejected
from gateway.json_body import plain
from gateway.logs import described
from gateway.resources.problems import problem_members, problem_of

PROBLEM = "application/problem+json"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One of several inputs at fault."""

    field: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every error looks like. `code` is stable, `detail` is for a person, `field` names the
    input at fault, `errors` names all of them when there are several. Some problems have more
    members."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    errors: list[Fault] | None = None
    request_id: str | None = None


_log = logging.getLogger(__name__)
# What Litestar says of a required parameter; its sentence ends with the whole URL.
_MISSING = re.compile("Missing required [a-z]+ parameter '(.*?)' for path ")
_Answer = Response[dict[str, Any]]
_Request = Request[Any, Any, Any]

# What Litestar raises by itself, by status: our code and what to say of it.
_RAISED: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "the request cannot be read"),
    404: ("not-found", "there is nothing at this path"),
    405: ("method-not-allowed", "the path does not know this method"),
    413: ("too-large", "the body is larger than this path takes"),
}


def exception_handlers(outages: Sequence[type[BaseException]]) -> dict[int | type[Exception], Any]:
    """`outages` are the errors by which a server behind us is known to be away or too busy."""
    away: tuple[type[BaseException], ...] = (ConnectionError, TimeoutError, *outages)

    def on_anything(request: _Request, error: Exception) -> _Answer:
        if isinstance(error, away):
            _log.warning("a server is away: %s", described(error))
            return on_refusal(request, refusals.Unavailable("a server behind us is away"))
        return on_unexpected(request, error)

    return {Refusal: on_refusal, HTTPException: on_http_exception, Exception: on_anything}


def on_refusal(request: _Request, refusal: Refusal) -> _Answer:
    members = problem_of(refusal)
    return _answer(request, members, refusal_headers(refusal))


def on_http_exception(request: _Request, error: HTTPException) -> _Answer:
    status, headers = error.status_code, dict(error.headers or {})
    if isinstance(error, Rejected):
        members = problem_members(
            status, error.code, error.detail, field=error.field, errors=error.errors
        )
    elif isinstance(error, ValidationException):
        members = _invalid_parameters(request, error)
    elif _hung_up(request, error):
        members = problem_members(400, "disconnected", "the client hung up")
    elif status in _RAISED:
        members = problem_members(status, *_RAISED[status])
        if status == 405:
            headers = {"Allow": _allowed(headers.get("allow", ""))}
    elif status < 500:
        members = problem_members(status, "refused", "the request cannot be answered")
    else:
        return on_unexpected(request, error)
    return _answer(request, members, headers)


def on_unexpected(request: _Request, error: Exception) -> _Answer:
    """A fault of ours. What is logged names places in the code, never what was in the request."""
    _log.error("request %s failed: %s", _request_id(request), described(error))
    detail = "something went wrong here; it is logged with the request's id"
    return _answer(request, problem_members(500, "internal-error", detail), {})


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    headers = {}
    if isinstance(refusal, refusals.TooMany | refusals.Unavailable):
        headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after)))
    if isinstance(refusal, refusals.Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="tasktrail"'
    return headers


def _answer(request: _Request, members: dict[str, Any], headers: dict[str, str]) -> _Answer:
    members["request_id"] = _request_id(request)
    return Response(members, status_code=members["status"], headers=headers, media_type=PROBLEM)


def _hung_up(request: _Request, error: HTTPException) -> bool:
    """Nobody hears the answer; it only must not look like a fault of ours."""
    told = error.status_code == 500 and "disconnected" in error.detail
    return told or bool(request.scope["state"].get("disconnected"))


def _request_id(request: _Request) -> str | None:
    found = request.scope["state"].get("request_id")
    return str(found) if found else None


def _allowed(methods: str) -> str:
    """HEAD is answered wherever GET is. Litestar lists a WebSocket's route among them."""
    found = {method.strip() for method in methods.split(",") if method.strip().isupper()}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))


def _invalid_parameters(request: _Request, error: ValidationException) -> dict[str, Any]:
    """Litestar names the handler's argument; the client knows the parameter."""
    extra = error.extra if isinstance(error.extra, list) else []
    errors = [
        {"field": _parameter(request, each.get("key", "")), "detail": plain(each["message"])}
        for each in extra
    ]
    if any(each["field"] == "data" for each in errors):
        return problem_members(400, "malformed", "send a JSON body")
    if not errors:
        missing = _MISSING.match(error.detail)
        if missing is None:
            return problem_members(422, "invalid", "the request breaks a rule")
        errors = [{"field": missing.group(1), "detail": "is required"}]
    first = errors[0]
    return problem_members(
        422,
        "invalid",
        f"{first['field']} {first['detail']}",
        field=first["field"],
        errors=errors if len(errors) > 1 else None,
    )


def _parameter(request: _Request, key: str) -> str:
    argument, _, rest = key.partition(".")
    handler = request.scope.get("route_handler")
    for each in (handler, *handler.resolve_dependencies().values()) if handler else ():
        definition = each.parsed_fn_signature.parameters.get(argument)
        kwarg = definition and definition.kwarg_definition
        if isinstance(kwarg, ParameterKwarg):
            argument = kwarg.name or kwarg.header or kwarg.query or kwarg.cookie or argument
            break
    return f"{argument}/{rest}" if rest else argument
