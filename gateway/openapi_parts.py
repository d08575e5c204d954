"""What the OpenAPI document says that no route does."""

from collections.abc import Mapping
from typing import Any

from gateway.problem_catalog import PROBLEMS

Json = dict[str, Any]

DESCRIPTION = """\
A task backend in which every change is on the record.

Every command answers with `Tasktrail-Position`, the position of the log after it; a query shows at
least what you did yourself, or what `min_position` names. `ETag` is a version: send it back in
`If-Match` and a change made from a stale version is a 412. With an `Idempotency-Key` a command can
be sent again safely. Errors are problems (RFC 9457) with a stable `code`; `type` says more.
"""

TAGS: Mapping[str, str] = {
    "accounts": "Who you are.",
    "sessions": "Signing in, staying signed in, signing out.",
    "workspaces": "What people share, and who may do what in it.",
    "tasks": "What is to be done.",
    "tags": "What tasks are sorted under.",
    "comments": "What is said about a task.",
    "attachments": "Files that belong to a task.",
    "notes": "What is written down.",
    "posts": "What is told to everybody in a workspace.",
    "notifications": "What you should know.",
    "analytics": "What the numbers say about the work.",
    "exports": "What you take with you.",
    "history": "What happened to it, and how it was before.",
    "search": "Finding it again.",
    "events": "The log itself.",
    "problems": "What errors mean.",
}

# What is known of parameters by their names, beside what their types say.
PARAMETERS: Mapping[str, Json] = {
    "If-Match": {"pattern": r'^(\*|(W/)?"[0-9]{1,17}")$', "examples": ['"3"']},
    "Idempotency-Key": {"pattern": "^[ -~]{1,255}$", "examples": ["7c0c7a54"]},
    "min_position": {"pattern": "^([0-9]{1,18}|head)$", "examples": ["head"]},
}

# a file as it is, and a form with several
FILE: Json = {"schema": {"type": "string", "format": "binary"}, "example": "bytes"}
FILES: Json = {
    "schema": {
        "type": "object",
        "required": ["files"],
        "properties": {
            "files": {
                "type": "array",
                "items": {"type": "string", "format": "binary"},
                "minItems": 1,
                "maxItems": 20,
            }
        },
    },
    "example": {"files": ["bytes"]},
}

# status: the shapes of operations that may be refused with it (see `openapi.py`)
REFUSALS: Mapping[int, tuple[str, ...]] = {
    400: ("any",),
    401: ("secured", "visitor"),
    403: ("secured",),
    404: ("secured", "path"),
    408: ("body",),
    409: ("command",),
    410: ("cursor",),
    412: ("conditional", "versions"),
    413: ("body", "command"),
    414: ("any",),
    415: ("body",),
    422: ("any",),
    428: ("change",),
    429: ("any",),
    431: ("any",),
    503: ("any",),
}
_SAID: Mapping[int, tuple[str, str]] = {
    400: ("The request cannot be read.", "malformed"),
    401: ("Sign in first.", "unauthenticated"),
    403: ("Your role does not let you.", "forbidden"),
    404: ("It is not there, or you may not know that it is.", "not-found"),
    408: ("The body did not arrive in time.", "too-slow"),
    409: ("It does not fit the present state.", "conflict"),
    410: ("The cursor is of another log.", "log-changed"),
    412: ("It has another version by now.", "version-mismatch"),
    413: ("It is too large.", "too-large"),
    414: ("The URL is too long.", "url-too-long"),
    415: ("The body is not JSON, or compressed.", "unsupported-media-type"),
    422: ("A value breaks a rule; `field` names it.", "invalid"),
    428: ("This installation wants `If-Match` with every change.", "precondition-required"),
    429: ("Too many requests.", "rate-limited"),
    431: ("The headers are too large.", "headers-too-large"),
    503: ("A server behind us is away or full; try again.", "unavailable"),
}
_HEADERS: Mapping[str, tuple[str, Json]] = {
    "X-Request-Id": (
        "The request's id: yours when it was a UUID, else a new one. Events and logs carry it.",
        {"type": "string", "format": "uuid"},
    ),
    "RateLimit": (
        "What is left of your share and the seconds until all of it is there again.",
        {"type": "string", "examples": ['"default";r=5999;t=1']},
    ),
    "RateLimit-Policy": (
        "Your share of requests and its window in seconds.",
        {"type": "string", "examples": ['"default";q=6000;w=60']},
    ),
    "Tasktrail-Position": (
        "The position of the log that the answer shows; pass it as `min_position`.",
        {"type": "string", "pattern": "^[0-9]+$"},
    ),
    "ETag": ("The version, for `If-Match`.", {"type": "string", "examples": ['"3"']}),
    "Location": ("Where the new resource is.", {"type": "string"}),
    "Idempotency-Replayed": (
        "`true` when the answer is that of an earlier request with the same key.",
        {"type": "string", "enum": ["true"]},
    ),
    "Retry-After": ("Seconds until it makes sense to try again.", {"type": "string"}),
}


def _refusal(status: int) -> Json:
    description, code = _SAID[status]
    example = {
        "type": f"/v1/problems/{code}",
        "title": description.rstrip("."),
        "status": status,
        "code": code,
        "detail": PROBLEMS[code].description,
    }
    refusal: Json = {
        "description": description,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
            }
        },
    }
    if status in (429, 503):
        refusal["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return refusal


COMPONENTS: Json = {
    "securitySchemes": {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access_token` of `POST /v1/accounts` or `POST /v1/sessions`.",
        }
    },
    "headers": {
        name: {"description": text, "schema": schema} for name, (text, schema) in _HEADERS.items()
    },
    "responses": {str(status): _refusal(status) for status in REFUSALS},
}
