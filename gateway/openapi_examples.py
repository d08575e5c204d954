"""What would a value of this schema look like?"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

ID = "01939a6b-7c00-7d52-9b3e-8f4a1c2d3e4f"
_BY_NAME: Mapping[str, Any] = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl",
    "refresh_token": "AZOaa3wAfVKbPo9KHC0-T1mPmVn2Y9hO0s",
    "token_type": "Bearer",
    "title": "Buy milk",
    "name": "Home",
    "email": "ada@example.org",
    "username": "ada",
    "full_name": "Ada Lovelace",
    "password": "correct horse battery",
    "description": "Two litres, **oat**.",
    "content": "Two litres, **oat**.",
    "content_html": "<p>Two litres, <strong>oat</strong>.</p>",
    "category": "general",
    "colour": "#3B82F6",
    "slug": "buy-milk",
    "archived_at": None,
    "time_zone": "Europe/Rome",
    "locale": "de-AT",
    "summary": "Ada Lovelace created the task",
    "type": "task.created",
    "due": "2026-12-01",
    "start": None,
    "next_cursor": None,
    "address": "192.0.2.7",
    "user_agent": "curl/8.10.1",
    "expires_in": 900,
    "refresh_expires_in": 1_209_600,
    "number": 1_000_000_042,
    "position": 42,
    "version": 1,
    "deleted_at": None,
    "completed_at": None,
    "problem": None,
    "code": "invalid",
    "role": "member",
    "status": "todo",
    "priority": "medium",
}
_BY_FORMAT: Mapping[str, str] = {
    "uuid": ID,
    "date-time": "2026-11-20T09:30:00Z",
    "date": "2026-11-20",
}


def example_of(schema: Json, components: Json, *, sent: bool, name: str = "") -> Any:
    """What is `sent` leaves out what has a default, unless the schema gives an example of it."""
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if "examples" in schema:
        return schema["examples"][0]
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return _nullable(kinds, components, sent=sent, name=name)
    if schema.get("type") == "object":
        return _object(schema, components, sent=sent)
    if schema.get("type") == "array":
        return [example_of(schema["items"], components, sent=sent, name=name)]
    return _scalar(schema, name)


def _object(schema: Json, components: Json, *, sent: bool) -> Json:
    required = set(schema.get("required", ()))
    members = schema.get("properties", {})
    shown = {
        name: member
        for name, member in members.items()
        if not sent or name in required or _has_example(member)
    }
    if sent and not shown:  # a merge patch: one member says enough
        shown = dict(list(members.items())[:1])
    return {
        name: example_of(member, components, sent=sent, name=name) for name, member in shown.items()
    }


def _has_example(schema: Json) -> bool:
    return any("examples" in kind for kind in (schema, *schema.get("anyOf", ())))


def _nullable(kinds: list[Json], components: Json, *, sent: bool, name: str) -> Any:
    some = [kind for kind in kinds if kind.get("type") != "null"]
    if name in _BY_NAME and _BY_NAME[name] is None and len(some) < len(kinds):
        return None
    return example_of(some[0], components, sent=sent, name=name)


def _scalar(schema: Json, name: str) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        usual = schema.get("default", schema["enum"][0])
        return _BY_NAME[name] if _BY_NAME.get(name) in schema["enum"] else usual
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    known = _BY_NAME.get(name)
    kind = schema.get("type")
    if kind == "null":
        return None
    if kind == "string":
        return known if isinstance(known, str) else "text"
    if kind == "boolean":
        return False
    if kind in ("integer", "number"):
        usual = 422 if name == "status" else schema.get("minimum", 1)
        return known if isinstance(known, int) else usual
    return {}
