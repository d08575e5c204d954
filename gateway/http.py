"""What command routes and query routes share: bodies, the caller, preconditions, answers.

A leaf: it imports nothing of ours but `events`, so that both kinds of routes may use it.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Protocol, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import HeaderParameter

from events.append import CommandRequest
from events.envelope import Caller
from events.ids import command_id_for, new_id
from events.refusals import Invalid, Stale, Unauthenticated

T = TypeVar("T")
HttpRequest = Request[Any, Any, State]

MAX_KEY = 255
MULTIPART = "multipart/form-data"
_TRACE = re.compile("(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
CONDITIONAL = frozenset({"PATCH", "PUT", "DELETE"})
# Operations that begin something, whose body names the versions, or that end or note something
# whatever its version.
UNCONDITIONAL = frozenset(
    {
        *("createWorkspace", "createTag", "createTask", "createTasks", "createNote", "createPost"),
        *("addComment", "requestExport", "remindOfTask"),
        "editTasks",
        *("signOut", "revokeSession", "leaveWorkspace"),
        *("readNotification", "readNotifications", "viewPost"),
    }
)
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description="The ETag the change was made from; a stale one is a 412."
    ),
]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="1 to 255 characters; the same key and request get the first answer again.",
    ),
]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A native request body: what it does not know, it refuses."""


class Rejected(HTTPException):
    """What HTTP itself refuses, before anything is decided. `code` is stable, `errors` names
    each input at fault when there are several."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail=detail, status_code=status, headers=headers)
        self.code = code
        self.field = field
        self.errors = errors


class Authenticator(Protocol):
    async def caller(self, token: str, system: str) -> Caller:
        """Raises `Unauthenticated` for a token that is not good now in that system."""
        ...


async def provide_visitor(request: HttpRequest) -> Caller:
    """Somebody who need not be signed in."""
    client = request.scope["client"]
    return Caller(
        address=client[0] if client else None,
        user_agent=request.headers.get("user-agent"),
    )


async def provide_caller(request: HttpRequest) -> Caller:
    """The signed-in account. Raises `Unauthenticated`, or what kept us from looking."""
    known = signed_in(request)
    client = request.scope["client"]
    return Caller(
        known.account,
        known.session,
        client[0] if client else None,
        request.headers.get("user-agent"),
    )


def signed_in(request: HttpRequest) -> Caller:
    """Whom the edge found. Raises `Unauthenticated`, or what kept it from looking."""
    known: Caller | Exception | None = request.scope["state"].get("signed_in")
    if known is None:
        raise Unauthenticated("send a bearer token", field="Authorization")
    if isinstance(known, Exception):
        raise known
    return known


async def provide_command_request(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> CommandRequest:
    """What the handler needs to know of a request beside its commands."""
    asked = _command_request(request, caller, if_match, idempotency_key)
    if not asked.replayable:
        return asked
    return msgspec.structs.replace(asked, fingerprint=await _fingerprint(request))


async def provide_upload_request(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    idempotency_key: IdempotencyKey = None,
) -> CommandRequest:
    """As for other commands, but the body is left to the route, and so is the fingerprint."""
    return _command_request(request, caller, None, idempotency_key)


def _command_request(
    request: HttpRequest, caller: Caller, if_match: str | None, idempotency_key: str | None
) -> CommandRequest:
    if if_match is None and request.method in CONDITIONAL:
        _check_condition(request)
    key = _checked_key(idempotency_key)
    account = caller.account
    replayable = key is not None and account is not None
    return CommandRequest(
        caller=caller,
        command_id=command_id_for(account, key) if key is not None and account else new_id(),
        correlation=request_id(request),
        replayable=replayable,
        if_match=version_in(if_match),
        traceparent=traceparent_in(request.headers.get("traceparent")),
    )


def request_id(request: HttpRequest) -> UUID:
    """The correlation id: the caller's `X-Request-Id` when that is a UUID, else a new one."""
    known: UUID | None = request.scope.get("state", {}).get("request_id")
    return known or new_id()


def traceparent_in(header: str | None) -> str | None:
    """It stands in the log in clear: so only what can hold nothing but a trace
    (https://www.w3.org/TR/trace-context/#traceparent-header)."""
    return header if header is not None and _TRACE.fullmatch(header) else None


def version_in(if_match: str | None) -> int | None:
    """The version an If-Match names; None for no precondition or `*`.

    `W/` is passed over: our tags are versions, and proxies that compress weaken them. Raises
    `Invalid`, or `Stale` for a tag that was never ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/")
    if len(tag) < 2 or not tag[0] == tag[-1] == '"' or '"' in tag[1:-1]:
        raise Invalid('must be one ETag as it was sent, such as "3", or *', field="If-Match")
    if not (tag[1:-1].isascii() and tag[1:-1].isdigit() and len(tag) < 20):
        raise Stale(f"{tag} is no version of anything here", field="If-Match")
    return int(tag[1:-1])


def etag(version: int) -> str:
    return f'"{version}"'


def answer(
    resource: T,
    *,
    position: int,
    version: int | None = None,
    status: int = 200,
    location: str | None = None,
    replayed: bool = False,
) -> Response[T]:
    """A command's answer: the resource, where the log stands after it, and its version."""
    headers = {"Tasktrail-Position": str(position)}
    if version is not None:
        headers["ETag"] = etag(version)
    if location is not None:
        headers["Location"] = location
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(resource, status_code=status, headers=headers)


def changes_in(body: Body, *names: str) -> Mapping[str, Any]:
    """The members that a merge patch (RFC 7396) sent, null included."""
    return {name: value for name in names if (value := getattr(body, name)) is not msgspec.UNSET}


def _checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid(f"must be 1 to {MAX_KEY} printable characters", field="Idempotency-Key")
    return key


def _check_condition(request: HttpRequest) -> None:
    """Raises `Rejected` where a change must name the version that it was made from."""
    settings = request.app.state.settings
    if settings.require_if_match and request.route_handler.operation_id not in UNCONDITIONAL:
        raise Rejected(
            428,
            "precondition-required",
            "send If-Match with the ETag of what you change, or * for whatever it is by now",
            field="If-Match",
        )


async def _fingerprint(request: HttpRequest) -> bytes:
    """Of what the request asks: method, path with its query, precondition and body."""
    body, path = await request.body(), request.scope["path"]
    if query := request.scope["query_string"]:
        path += f"?{query.decode('latin-1')}"
    parts = (request.method, path, request.headers.get("if-match", ""))
    return hashlib.sha256("\n".join(parts).encode() + b"\n" + body).digest()
