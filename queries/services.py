"""What query handlers work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from events.envelope import Recorded
from queries.database import Database
from queries.deadlines import Deadlines
from queries.freshness import Freshness
from queries.membership import Membership


class Reader(Protocol):
    """The log, as history and audit read it."""

    async def head(self) -> int: ...
    async def stream(
        self, stream: UUID, *, after: int = 0, up_to: int | None = None
    ) -> list[Recorded]: ...
    async def after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]: ...


@dataclass(frozen=True)
class Queries:
    database: Database
    freshness: Freshness
    membership: Membership
    deadlines: Deadlines
    reader: Reader
    log_id: UUID
    now: Callable[[], datetime]
