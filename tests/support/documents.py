"""Is an answer what its system's document says?"""

from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from gateway.dialects.catalog import SYSTEMS
from gateway.dialects.openapi import describe

Json = dict[str, Any]


def assert_described(system: str, path: str, answer: httpx.Response) -> None:
    """`path` is the operation's, with the names of its parameters."""
    operation = document_of(system)["paths"][path][answer.request.method.lower()]
    responses = operation["responses"]
    assert str(answer.status_code) in responses, f"{answer.status_code}: {answer.text}"
    content = responses[str(answer.status_code)].get("content")
    if content is None:
        assert answer.content == b""
        return
    [(media_type, described)] = content.items()
    assert media_type == "*/*" or answer.headers["content-type"].startswith(media_type)
    if "json" in media_type:
        schema = {**described["schema"], "components": document_of(system)["components"]}
        errors = closed(schema).iter_errors(answer.json())
        assert [f"{error.instance_path}: {error.message}" for error in errors] == []


@cache
def document_of(system: str) -> Json:
    """In which what is not described is not there."""
    [found] = [each for each in SYSTEMS if each.name == system]
    document = describe(found, at="/")
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and name != "ValidationError":
            schema["additionalProperties"] = False
    return document


def closed(schema: Json) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
