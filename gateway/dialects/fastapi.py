"""What the five older systems have in common on the wire, for all were FastAPI applications.

Bodies, queries and paths are validated by pydantic, as theirs were, so that a client reads the
same `type`, `loc`, `msg`, `input` and `ctx` as before.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import pydantic
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from msgspec import UNSET, UnsetType
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo

from events.refusals import Refusal
from gateway.problems import refusal_headers
from gateway.resources.problems import STATUS

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
WireRequest = Request[Any, Any, State]
Errors = list[dict[str, Any]]

_WORDS = {404: "Not Found", 405: "Method Not Allowed", 413: "Request Entity Too Large"}
_LONE = re.compile("[\ud800-\udfff]")
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Wire(BaseModel):
    """A body or query of an older system: what it does not know, it ignores."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Answer(Exception):
    """An error answer in the system's own words."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def detail(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {"detail": text}, headers)


def unauthenticated(text: str) -> Answer:
    return detail(401, text, CHALLENGE)


def unprocessable(errors: Errors) -> Answer:
    text = json.dumps(errors, ensure_ascii=False, default=str).encode("utf-8", "replace")
    return Answer(422, {"detail": json.loads(text)})


async def body_of(request: WireRequest, model: type[M]) -> M:
    """The JSON body. Raises `Answer` (422) as FastAPI would."""
    return validated(model, await json_of(request), ("body",))


async def value_of(request: WireRequest, kind: Any) -> Any:
    """A JSON body that is no object, of a type that pydantic knows. Raises `Answer` (422)."""
    given = await json_of(request)
    try:
        return _adapter(kind).validate_python(given)
    except pydantic.ValidationError as error:
        raise unprocessable(errors_of(error, ("body",))) from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


async def json_of(request: WireRequest) -> Any:
    content = await request.body()
    if not content:
        raise unprocessable([missing(("body",), None)])
    try:
        text = content.decode(json.detect_encoding(content))
        found = json.loads(text)
        faults = list(_unstorable(found, ["body"])) if "\\u" in text else []
    except json.JSONDecodeError as error:
        raise unprocessable(
            [
                {
                    "type": "json_invalid",
                    "loc": ["body", error.pos],
                    "msg": "JSON decode error",
                    "input": {},
                    "ctx": {"error": error.msg},
                }
            ]
        ) from None
    except (ValueError, RecursionError):  # such as bad UTF-8, a number of thousands of digits
        raise unreadable() from None
    if found is None:
        raise unprocessable([missing(("body",), None)])
    if faults:
        raise unprocessable(faults)
    return found


def unreadable() -> Answer:
    return detail(400, "There was an error parsing the body")


def _unstorable(given: Any, place: list[Any]) -> Iterator[dict[str, Any]]:
    """NUL and lone surrogates, which no database of text takes; they used to be internal errors."""
    if isinstance(given, str) and "\x00" in given:
        message = "Value error, text may not contain NUL characters"
        yield {"type": "value_error", "loc": place, "msg": message, "input": given}
    elif isinstance(given, str) and _LONE.search(given):
        message = "Input should be a valid string, unable to parse raw data as a unicode string"
        yield {"type": "string_unicode", "loc": place, "msg": message, "input": given}
    elif isinstance(given, list | dict):
        pairs = given.items() if isinstance(given, dict) else enumerate(given)
        for name, value in pairs:
            yield from _unstorable(value, [*place, name])


def query_of(request: WireRequest, model: type[M]) -> M:
    """The query; a name whose field is a list takes all its values, else the last counts."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        field = _field_of(model, name)
        if field is not None and _is_list(field.annotation):
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    return validated(model, given, ("query",))


def path_of(kind: Any, value: str, name: str) -> Any:
    """A path parameter. Raises `Answer` (422)."""
    try:
        return _adapter(kind).validate_python(value)
    except pydantic.ValidationError as error:
        raise unprocessable(errors_of(error, ("path", name))) from None


def uuid_in_path(value: str, name: str) -> UUID:
    found: UUID = path_of(UUID, value, name)
    return found


def validated(model: type[M], given: Any, place: Sequence[str]) -> M:
    try:
        return model.model_validate(given, from_attributes=True)  # which names its errors
    except pydantic.ValidationError as error:
        raise unprocessable(errors_of(error, place)) from None


def errors_of(error: pydantic.ValidationError, place: Sequence[str]) -> Errors:
    """FastAPI's form: the place before the field, and no link to pydantic's documentation."""
    found: Errors = []
    for each in error.errors(include_url=False):
        entry: dict[str, Any] = {**each, "loc": [*place, *each["loc"]]}
        if "ctx" in entry:
            entry["ctx"] = {name: _plain(value) for name, value in entry["ctx"].items()}
        found.append(entry)
    return found


def on_answer(request: WireRequest, answer: Answer) -> Response[dict[str, Any]]:
    return Response(with_message(answer.body), status_code=answer.status, headers=answer.headers)


def on_refusal(request: WireRequest, refusal: Refusal) -> Response[dict[str, Any]]:
    """What no route has put into the system's own words."""
    return Response(
        with_message({"detail": refusal.detail}),
        status_code=STATUS[type(refusal)],
        headers=refusal_headers(refusal),
    )


def with_message(body: dict[str, Any]) -> dict[str, Any]:
    """Some of the frontends read `message`, others `detail`: every error has both."""
    text = body.get("detail")
    return body if "message" in body else {**body, "message": _sentence(text)}


def _sentence(text: Any) -> str:
    if isinstance(text, str):
        return text
    if isinstance(text, list) and text:
        return "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in text)
    return "The request was refused"


def shown_moment(moment: datetime) -> str:
    """In UTC and saying so, also where a system left its zone to be guessed."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def kept(value: T | None) -> T | UnsetType:
    """For a system in which null leaves a field as it is."""
    return UNSET if value is None else value


def missing(place: Sequence[str], given: Any) -> dict[str, Any]:
    return {"type": "missing", "loc": list(place), "msg": "Field required", "input": given}


def _field_of(model: type[BaseModel], name: str) -> FieldInfo | None:
    for field, info in model.__pydantic_fields__.items():
        if name == (info.alias or field):
            return info
    return None


def _is_list(annotation: Any) -> bool:
    return "list[" in str(annotation)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Exception) else value


EXCEPTION_HANDLERS: dict[Any, Any] = {Answer: on_answer, Refusal: on_refusal}


def on_http_exception(request: WireRequest, error: HTTPException) -> Response[dict[str, Any]]:
    """What no handler was reached for: unknown paths and methods, bodies too large."""
    status, allowed = error.status_code, (error.headers or {}).get("allow")
    if status == 405 and allowed == "websocket":  # a path of nothing else has no methods
        status = 404
    text = _WORDS.get(status, error.detail)
    headers = {"Allow": allowed} if status == 405 and allowed else {}
    return Response(with_message({"detail": text}), status_code=status, headers=headers)
