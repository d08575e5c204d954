"""The OpenAPI 3.1 description of the native API, read off its routes.

Litestar describes parameters; bodies and answers are described by msgspec, which decodes them, so
that every constraint that is checked is also told. What each operation may be refused for follows
from its shape, in one table.
"""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.params import ParameterKwarg
from litestar.routes import HTTPRoute

from gateway.checks import is_secured
from gateway.http import CONDITIONAL, UNCONDITIONAL
from gateway.openapi_examples import example_of
from gateway.openapi_parts import COMPONENTS, DESCRIPTION, FILE, FILES, PARAMETERS, REFUSALS, TAGS
from gateway.problems import Problem

Json = dict[str, Any]
REF = "#/components/schemas/{name}"
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


class Operation(msgspec.Struct, frozen=True):
    """What is known of one: its handler, and the document's part that describes it."""

    method: str
    path: str
    handler: HTTPRouteHandler
    secured: bool
    document: Json

    @property
    def body(self) -> Any:
        data = self.handler.parsed_fn_signature.parameters.get("data")
        return None if data is None else data.annotation

    @property
    def answer(self) -> Any:
        """The type inside `Response[...]`, None for an empty answer or one that is no JSON."""
        if "answer" in self.handler.opt:
            return None
        returned = self.handler.parsed_fn_signature.return_type
        found = returned.inner_types[0].raw if returned.inner_types else returned.raw
        if getattr(returned.annotation, "__origin__", None) is list or returned.annotation is list:
            found = returned.raw
        return None if found is type(None) else found

    @property
    def dependencies(self) -> frozenset[str]:
        return frozenset(self.handler.parsed_fn_signature.parameters)

    @property
    def parameters(self) -> list[Json]:
        found: list[Json] = self.document.get("parameters", [])
        return found

    @property
    def command(self) -> bool:
        return "command_request" in self.dependencies


def describe(app: Litestar) -> Json:
    document = _litestars(app)
    operations = list(_operations(app, document))
    schemas = _schemas([t for o in operations for t in (o.body, o.answer) if t is not None])
    document["components"] = {**COMPONENTS, "schemas": schemas.components}
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    document["servers"] = [{"url": "/"}]
    for operation in operations:
        _complete(operation, schemas)
    return document


class _Schemas:
    def __init__(self, types: list[Any]) -> None:
        found, self.components = msgspec.json.schema_components([*types, Problem], ref_template=REF)
        self._by_type = dict(zip(map(repr, types), found, strict=False))
        for component in self.components.values():
            for name, member in component.get("properties", {}).items():
                _mark_time(name, member)

    def of(self, kind: Any) -> Json:
        return self._by_type[repr(kind)]

    def content(self, kind: Any, *media_types: str, sent: bool) -> Json:
        schema = self.of(kind)
        example = example_of(schema, self.components, sent=sent)
        return {name: {"schema": schema, "example": example} for name in media_types}


_schemas: Callable[[list[Any]], _Schemas] = _Schemas


def _litestars(app: Litestar) -> Json:
    """Litestar's own routes for the document would answer errors that are no problems, so the
    plugin is not configured by the application but here."""
    plugin = app.plugins.get(OpenAPIPlugin)
    plugin._openapi_config = OpenAPIConfig(
        title="Tasktrail",
        version=version("tasktrail"),
        description=DESCRIPTION,
        use_handler_docstrings=True,
    )
    return plugin.provide_openapi_schema()


def _operations(app: Litestar, document: Json) -> Iterator[Operation]:
    for route in app.routes:
        item = document["paths"].get(route.path_format)
        if item is None or not isinstance(route, HTTPRoute):
            continue
        for method, (handler, _) in route.route_handler_map.items():
            described = item.get(method.lower())
            if described is not None and method != "OPTIONS":
                secured = is_secured(route, handler)
                yield Operation(method, route.path_format, handler, secured, described)


def _complete(operation: Operation, schemas: _Schemas) -> None:
    document = operation.document
    document.pop("deprecated", None)
    text = document.get("description", "")
    document["summary"] = text.split("\n\n")[0].partition(". ")[0].rstrip(".").replace("\n", " ")
    kinds = _kinds(operation.handler)
    document["parameters"] = [p for p in operation.parameters if p["name"] not in _idle(operation)]
    for parameter in operation.parameters:
        _tidy(parameter, kinds.get(parameter["name"]))
    if operation.body is not None:
        media_types = (JSON, MERGE_PATCH) if operation.method == "PATCH" else (JSON,)
        document["requestBody"] = {
            "required": True,
            "content": schemas.content(operation.body, *media_types, sent=True),
        }
    if sends_files := operation.handler.opt.get("body"):
        document["requestBody"] = {"required": True, "content": {sends_files: FILES}}
    document["security"] = [{"bearer": []}] if operation.secured else []
    document["responses"] = {
        str(operation.handler.status_code): _success(operation, schemas),
        **{str(s): {"$ref": f"#/components/responses/{s}"} for s in sorted(_refusals(operation))},
    }


def _success(operation: Operation, schemas: _Schemas) -> Json:
    headers = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    if operation.command:
        headers.append("Tasktrail-Position")
    if operation.command and operation.secured:
        headers += ["ETag", "Idempotency-Replayed"]
    if operation.handler.status_code == 201:
        headers.append("Location")
    success: Json = {
        "description": operation.document["summary"] + ".",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
    }
    if operation.answer is not None:
        success["content"] = schemas.content(operation.answer, JSON, sent=False)
    elif media_type := operation.handler.opt.get("answer"):
        success["content"] = {media_type: FILE}
    return success


def _idle(operation: Operation) -> set[str]:
    """What is read for every command, but means nothing to this one."""
    if not operation.secured:  # whoever hands out tokens never hands out the same again
        return {"If-Match", "Idempotency-Key"}
    return {"If-Match"} if operation.document["operationId"] in UNCONDITIONAL else set()


def _refusals(operation: Operation) -> set[int]:
    """The statuses of the problems that it may answer with."""
    conditional = any(p["name"] == "If-Match" for p in operation.parameters)
    has = {
        "any": True,
        "body": operation.body is not None or "body" in operation.handler.opt,
        "path": any(p["in"] == "path" for p in operation.parameters),
        "cursor": any(p["name"] in ("cursor", "after") for p in operation.parameters),
        "secured": operation.secured,
        "visitor": not operation.secured and operation.command,
        "command": operation.command,
        "conditional": conditional,
        "change": conditional and operation.method in CONDITIONAL,
        "versions": operation.document["operationId"] == "editTasks",
    }
    return {status for status, needs in REFUSALS.items() if any(has[need] for need in needs)}


def _tidy(parameter: Json, kind: Any) -> None:
    """Litestar leaves out what a type says of itself, and says of each parameter that may be left
    out that it may be null. As text, that would be the word `null`; others take it for nothing."""
    parameter.pop("deprecated", None)
    own = {k: v for k, v in parameter["schema"].items() if k not in ("oneOf", "type", "items")}
    schema = msgspec.json.schema(kind) if kind is not None else parameter["schema"]
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(kinds) == 1 and (kinds[0].get("type") in ("string", "array") or "enum" in kinds[0]):
        schema = kinds[0]
    parameter["schema"] = {**schema, **own, **PARAMETERS.get(parameter["name"], {})}
    if parameter["in"] == "path":
        parameter["example"] = example_of(schema, {}, sent=True, name=parameter["name"])


def _kinds(handler: HTTPRouteHandler) -> dict[str, Any]:
    """The types of a route's parameters and those of what it depends on, by the clients' names."""
    providers = handler.resolve_dependencies().values()
    found: dict[str, Any] = {}
    for signature in (handler.parsed_fn_signature, *(p.parsed_fn_signature for p in providers)):
        for name, field in signature.parameters.items():
            kwarg = field.kwarg_definition
            if isinstance(kwarg, ParameterKwarg):
                found[kwarg.name or kwarg.header or kwarg.query or name] = field.raw
    return found


def _mark_time(name: str, schema: Json) -> None:
    """msgspec leaves the format out because it reads more than RFC 3339; we write nothing else."""
    if name.endswith("_at") or name == "time":
        for kind in schema.get("anyOf", [schema]):
            if kind.get("type") == "string":
                kind["format"] = "date-time"
