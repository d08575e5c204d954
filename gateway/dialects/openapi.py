"""The OpenAPI 3.1 document of an older system, from the table of what it could be asked.

Its handlers take raw requests and let pydantic validate them; the same models describe bodies and
queries here, so that what is checked is also what is told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, TypeAdapter

from gateway.openapi_examples import example_of

Json = dict[str, Any]
JSON = "application/json"
_REF = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """`path` as that system wrote it, below its prefix; `refusals` are its words by status.

    `body` and `answer` are types that pydantic knows, `answer` also the media type of bytes;
    `upload` names the part in which files are sent, one or `many`.
    """

    method: str
    path: str
    summary: str
    tag: str
    status: int = 200
    body: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    refusals: Mapping[int, str | Json] = field(default_factory=dict)
    secured: bool = True
    ids: type = str
    upload: str | None = None
    many: bool = False

    @property
    def id(self) -> str:
        """As FastAPI made them, but for the function's name."""
        words = f"{self.summary.lower()}{self.path}"
        return f"{re.sub(r'[^0-9A-Za-z]+', '_', words).strip('_')}_{self.method.lower()}"

    @property
    def parameters(self) -> Sequence[str]:
        return _PARAMETER.findall(self.path)

    @property
    def validates(self) -> bool:
        """Whether a request may be unprocessable."""
        typed = bool(self.parameters) and self.ids is not str
        return typed or bool(self.body or self.query or self.upload)


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """An older system as its document tells of it. `document` and `pages` are where it and the
    pages for people stand, below its prefix; `unauthenticated` are its words for no token."""

    name: str
    title: str
    version: str
    description: str
    operations: Sequence[Operation]
    document: str = "/openapi.json"
    pages: Sequence[str] = ("/docs", "/redoc")
    unauthenticated: str = "Not authenticated"


class ValidationError(BaseModel):
    type: str
    loc: list[str | int]
    msg: str
    input: Any = None
    ctx: dict[str, Any] | None = None


class HTTPValidationError(BaseModel):
    detail: list[ValidationError]
    message: str


class Refused(BaseModel):
    detail: str
    message: str


def describe(system: System, *, at: str) -> Json:
    """`at` is the path below which it answers, empty at the root."""
    schemas = _Schemas(system.operations)
    paths: dict[str, Json] = {}
    for operation in system.operations:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _described(operation, system, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": system.title,
            "version": system.version,
            "description": system.description,
        },
        "servers": [{"url": at or "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(o.tag for o in system.operations)],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "HTTPBearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


class _Schemas:
    """Those of everything that is sent and answered, by type."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        kinds: dict[str, tuple[Any, Any, Any]] = {}
        for kind in (HTTPValidationError, Refused):
            kinds[_key(kind, sent=False)] = (_key(kind, sent=False), "serialization", kind)
        for operation in operations:
            for kind, sent in ((operation.body, True), (operation.answer, False)):
                if kind is not None and not isinstance(kind, str):
                    mode = "validation" if sent else "serialization"
                    kinds[_key(kind, sent=sent)] = (_key(kind, sent=sent), mode, kind)
        found, definitions = TypeAdapter.json_schemas(
            [(key, mode, TypeAdapter(kind)) for key, mode, kind in kinds.values()],
            ref_template=_REF,
        )
        self._by_key = {key: schema for (key, _), schema in found.items()}
        self.components: Json = definitions.get("$defs", {})

    def content(self, kind: Any, *, sent: bool) -> Json:
        schema = self._by_key[_key(kind, sent=sent)]
        return {"schema": schema, "example": example_of(schema, self.components, sent=sent)}


def _key(kind: Any, *, sent: bool) -> str:
    return f"{kind!r} {sent}"


def _described(operation: Operation, system: System, schemas: _Schemas) -> Json:
    found: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [*_in_path(operation), *_in_query(operation)],
        "security": [{"HTTPBearer": []}] if operation.secured else [],
        "responses": {
            str(operation.status): _success(operation, schemas),
            **dict(_refusals(operation, system, schemas)),
        },
    }
    if operation.body is not None:
        content = {JSON: schemas.content(operation.body, sent=True)}
        found["requestBody"] = {"required": True, "content": content}
    if operation.upload:
        content = {"multipart/form-data": {"schema": _files(operation)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _success(operation: Operation, schemas: _Schemas) -> Json:
    found: Json = {"description": f"{operation.summary}."}
    if isinstance(operation.answer, str):
        found["content"] = {operation.answer: {"schema": {"type": "string", "format": "binary"}}}
    elif operation.answer is not None:
        found["content"] = {JSON: schemas.content(operation.answer, sent=False)}
    return found


def _refusals(
    operation: Operation, system: System, schemas: _Schemas
) -> Iterator[tuple[str, Json]]:
    words = dict(operation.refusals)
    if operation.secured:
        words.setdefault(401, system.unauthenticated)
    if operation.body is not None or operation.upload or operation.parameters or operation.query:
        words.setdefault(400, "There was an error parsing the body")
    for status, said in sorted(words.items()):
        example = {"detail": said, "message": said} if isinstance(said, str) else dict(said)
        schema = schemas.content(Refused, sent=False)["schema"]
        if example.keys() != {"detail", "message"}:
            schema = _shape(example)
        content = {JSON: {"schema": schema, "example": example}}
        yield str(status), {"description": str(example["message"]), "content": content}
    if operation.validates:
        described = schemas.content(HTTPValidationError, sent=False)
        described["example"] = _UNPROCESSABLE
        yield "422", {"description": "Validation Error", "content": {JSON: described}}


def _in_path(operation: Operation) -> Iterator[Json]:
    schema = TypeAdapter(operation.ids).json_schema()
    for name in operation.parameters:
        kind = schema if name.endswith("_id") and name != "user_id" else {"type": "string"}
        example = example_of(kind, {}, sent=True, name=name)
        yield {"name": name, "in": "path", "required": True, "schema": kind, "example": example}


def _in_query(operation: Operation) -> Iterator[Json]:
    if operation.query is None:
        return
    schema = operation.query.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        some = [each for each in member.get("anyOf", ()) if each.get("type") != "null"]
        if len(some) == 1:  # null is left out of a query
            member = {**some[0], **{k: v for k, v in member.items() if k != "anyOf" and v}}
        yield {"name": name, "in": "query", "required": name in required, "schema": member}


def _files(operation: Operation) -> Json:
    assert operation.upload is not None
    one: Json = {"type": "string", "format": "binary"}
    kind = {"type": "array", "items": one} if operation.many else one
    return {
        "type": "object",
        "properties": {operation.upload: kind},
        "required": [operation.upload],
    }


def _shape(example: Json) -> Json:
    """What an example's members are. Other words for the same status may lack some."""
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
    members = {name: {"type": kinds[type(value)]} for name, value in example.items()}
    return {"type": "object", "properties": members, "required": ["detail", "message"]}


_UNPROCESSABLE = {
    "detail": [
        {
            "type": "missing",
            "loc": ["body", "title"],
            "msg": "Field required",
            "input": {},
        }
    ],
    "message": "title: Field required",
}
