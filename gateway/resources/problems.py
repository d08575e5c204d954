"""How a refusal reads as a problem (RFC 9457), alone or as one item of a bulk answer."""

from http import HTTPStatus
from typing import Any

from events import refusals
from events.refusals import Refusal

STATUS: dict[type[Refusal], int] = {
    refusals.Invalid: 422,
    refusals.Unauthenticated: 401,
    refusals.Forbidden: 403,
    refusals.NotFound: 404,
    refusals.Conflict: 409,
    refusals.Gone: 410,
    refusals.Stale: 412,
    refusals.TooLarge: 413,
    refusals.Reused: 422,
    refusals.TooMany: 429,
    refusals.Unavailable: 503,
}

# What a code says more exactly than the kind of its refusal.
_STATUS_OF_CODE = {"ahead": 400}


def problem_of(refusal: Refusal) -> dict[str, Any]:
    return problem_members(
        _STATUS_OF_CODE.get(refusal.code, STATUS[type(refusal)]),
        refusal.code,
        refusal.detail,
        field=refusal.field,
        **refusal.extra,
    )


def problem_members(status: int, code: str, detail: str, **members: Any) -> dict[str, Any]:
    """The document's members; those that are None are left out."""
    return {
        "type": f"/v1/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **{name: value for name, value in members.items() if value is not None},
    }
