"""One line of a resource's history."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """`full_name` is null for an account whose data was erased."""

    id: UUID
    full_name: str | None


class HistoryItem(msgspec.Struct, frozen=True, kw_only=True):
    """`data` is the event's own, null once erased; `summary` says it in a few words. `actor` is
    null for what no account did."""

    version: int
    position: int
    type: str
    time: datetime
    recorded_at: datetime
    actor: Actor | None
    summary: str
    data: dict[str, Any] | None
