"""The AsyncAPI 3.0 description of the live stream, read off what is sent and understood."""

from importlib.metadata import version
from typing import Any

import msgspec
from litestar import get

from events.cloud import CloudEvent
from events.topics import TOPICS
from gateway.http import HttpRequest
from gateway.live.closing import CLOSE_CODES, INTERNAL, NO_TEXT, PROTOCOL, TOO_BIG
from gateway.live.frames import Authenticated, Heartbeat, Hello, Live
from gateway.live.sse import RETRY_MILLISECONDS
from gateway.live.websocket import SUBPROTOCOL, Auth, Ping
from queries.audit import NOUNS

Json = dict[str, Any]

DESCRIPTION = f"""\
Everything that happens in your workspaces and to your account, once, in order and without a gap.

The same path speaks WebSocket and server-sent events. Every message is JSON with a `type` and a
`position`; the types of events have a dot in them. To resume, pass the `position` of the last
message that you got as `after`; without it you hear what happens from now on. `hello` comes
first, then what you missed, then `live`, then events as they happen. A `heartbeat` after a while
of silence says how far nothing for you happened.

You see what the members of a workspace see: all of it from when you join until you leave, the
event that says so included. Who resumes gets the past of every workspace they are in by then.

**WebSocket.** Offer the subprotocol `{SUBPROTOCOL}`. The access token comes in the header
`Authorization: Bearer`, as another subprotocol `bearer.<token>`, or in a first message
`{{"type": "auth", "token": "…"}}`; send that again before `until` to stay. The reason of a close
frame is JSON: a stable `code`, `position` where to resume, `field` if a parameter is at fault.
It is in words where the protocol itself was broken: {PROTOCOL}, {NO_TEXT}, {TOO_BIG}, or {INTERNAL}
for a ping that was not answered.

**Server-sent events.** The token comes in the header. `event` is the type, `id` is
`<position>@<log>`: what `Last-Event-ID` and `after` take, refused once the log is another one.
Clients come back after {RETRY_MILLISECONDS // 1000} s. A last event `close` has the `code` and
`position` of a close frame.
"""
_AFTER = "A position, or the id of a server-sent event; without it, from now."
_QUERY: Json = {
    "type": "object",
    "properties": {
        "after": {"type": "string", "pattern": "^[0-9]+(@[0-9a-f-]{36})?$", "description": _AFTER},
        "workspace": {
            "type": "array",
            "items": {"type": "string", "format": "uuid"},
            "description": "Only events of these workspaces.",
        },
        "noun": {
            "type": "array",
            "items": {"enum": sorted(NOUNS)},
            "description": "Only events of these nouns.",
        },
        "resource": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[a-z]+/[0-9a-f-]{36}$"},
            "description": "Only events of these resources, such as `task/<id>`.",
        },
    },
}
_REF = "#/components/schemas/{name}"
_TOLD: tuple[type[msgspec.Struct], ...] = (Hello, Live, Heartbeat, Authenticated)
_UNDERSTOOD: tuple[type[msgspec.Struct], ...] = (Auth, Ping)


@get("/asyncapi.json", operation_id="describeStream", include_in_schema=False, sync_to_thread=False)
def asyncapi(request: HttpRequest) -> Json:
    """What the live stream says and understands."""
    return describe(request.base_url.netloc, secure=request.base_url.scheme == "https")


def describe(host: str, *, secure: bool) -> Json:
    sent = {**{_name(kind): kind for kind in _TOLD}, **TOPICS}
    understood = {_name(kind): kind for kind in _UNDERSTOOD}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tasktrail, live",
            "version": version("tasktrail"),
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": {
            "websocket": {"host": host, "protocol": "wss" if secure else "ws"},
            "sse": {"host": host, "protocol": "https" if secure else "http"},
        },
        "channels": {
            "stream": {
                "address": "/v1/stream",
                "messages": {name: _ref("messages", name) for name in [*sent, *understood]},
                "bindings": {"ws": {"method": "GET", "query": _QUERY}},
                "x-close-codes": {str(code): text for code, text in CLOSE_CODES.items()},
            }
        },
        "operations": {
            "hear": _operation("send", list(sent)),
            "say": _operation("receive", list(understood)),
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _operation(action: str, names: list[str]) -> Json:
    return {
        "action": action,
        "channel": _ref("channels", "stream"),
        "messages": [{"$ref": f"#/channels/stream/messages/{name}"} for name in names],
    }


def _messages() -> Json:
    messages = {
        _name(kind): {
            "name": _name(kind),
            "summary": " ".join((kind.__doc__ or "").split()),
            "payload": _ref("schemas", kind.__name__),
        }
        for kind in (*_TOLD, *_UNDERSTOOD)
    }
    for topic, fact in TOPICS.items():
        own = {"type": {"const": topic}, "data": _ref("schemas", fact.__name__)}
        messages[topic] = {
            "name": topic,
            "payload": {"allOf": [_ref("schemas", CloudEvent.__name__), {"properties": own}]},
        }
    return messages


def _schemas() -> Json:
    kinds = [CloudEvent, *_TOLD, *_UNDERSTOOD, *TOPICS.values()]
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    return dict(components)


def _name(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _ref(section: str, name: str) -> Json:
    place = "#/channels" if section == "channels" else f"#/components/{section}"
    return {"$ref": f"{place}/{name}"}
