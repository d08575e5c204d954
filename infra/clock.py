"""The time, as everything but the log's own `recorded_at` takes it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)
