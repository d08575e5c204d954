"""When is something over?"""

from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Status = Literal["todo", "in_progress", "completed"]
# To the database's driver the first and the last instant mean no instant at all.
ENDS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def is_overdue(
    status: Status,
    due_on: date | None,
    due_at: datetime | None,
    time_zone: str,
    now: datetime,
) -> bool:
    """A due date is over when its day ends in the workspace's zone."""
    if status == "completed":
        return False
    if due_at is not None:
        return due_at < now
    return due_on is not None and due_on < now.astimezone(ZoneInfo(time_zone)).date()
