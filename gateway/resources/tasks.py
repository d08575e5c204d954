"""A task as the native API shows it."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from events.base import Priority
from events.moments import ENDS
from events.refusals import Invalid
from gateway.resources.tags import TaskTag

Status = Literal["todo", "in_progress", "completed"]
# RFC 3339: Python's parsers take more of ISO 8601, such as weeks and hours without minutes.
_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
    re.IGNORECASE,
)
Moment = Annotated[
    str,
    Meta(
        description="A date (`2026-11-20`, ends in the workspace's time zone) or an instant "
        "with an offset (`2026-11-20T17:00:00Z`).",
        examples=["2026-11-20", "2026-11-20T17:00:00Z"],
        max_length=40,
        extra_json_schema={"anyOf": [{"format": "date"}, {"format": "date-time"}]},
    ),
]
Instant = Annotated[
    str,
    Meta(
        description="An instant with an offset.",
        examples=["2026-11-20T17:00:00Z"],
        max_length=40,
        extra_json_schema={"format": "date-time"},
    ),
]


class TaskResource(msgspec.Struct, frozen=True, kw_only=True):
    """`overdue` is as of the answer. `deleted_at` is null unless it was deleted."""

    id: UUID
    number: int
    workspace: UUID
    title: str
    description: str | None
    status: Status
    priority: Priority
    start: str | None
    due: str | None
    overdue: bool
    notify_overdue: bool
    assignee: UUID | None
    tags: list[TaskTag]
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deleted_at: datetime | None
    version: int


def moment_kept(text: str, field: str) -> date | datetime:
    """As `moment_in`, for what is to be stored."""
    moment = moment_in(text, field)
    if moment in ENDS:
        raise Invalid("the instant is out of range", field=field)
    return moment


def moment_in(text: str, field: str) -> date | datetime:
    """A date, or an instant in UTC. Raises `Invalid` naming `field`."""
    try:
        instant = datetime.fromisoformat(text.upper()) if _FORM.fullmatch(text) else None
    except ValueError:  # no such day, hour or offset
        instant = None
    if instant is None:
        raise Invalid(
            "must be a date (YYYY-MM-DD) or an instant with an offset (RFC 3339)", field=field
        )
    if len(text) == 10:
        return instant.date()
    if instant.tzinfo is None:
        raise Invalid("an instant needs an offset, such as Z", field=field)
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise Invalid("the instant is out of range", field=field) from None


def moment_out(on: date | None, at: datetime | None) -> str | None:
    if at is not None:
        return at.isoformat().replace("+00:00", "Z")
    return on.isoformat() if on is not None else None
