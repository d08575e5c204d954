"""What can happen to an export job."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from events.base import Fact

ExportFormat = Literal["xlsx", "csv", "parquet", "ndjson"]

ExportNoun = Literal["task", "note", "post"]

KEPT = timedelta(hours=24)


class ExportRequested(Fact, frozen=True):
    format: ExportFormat
    history: bool = False
    noun: ExportNoun = "task"


class ExportProgressed(Fact, frozen=True):
    """So many rows of so many are written: told seldom, and never of a small export."""

    done: int
    total: int


class ExportCompleted(Fact, frozen=True):
    """`size` is in bytes, `sha256` in hexadecimal; the object goes when the export expires."""

    rows: int
    size: int
    sha256: str
    object_key: UUID


class ExportFailed(Fact, frozen=True):
    reason: str


class ExportCancelled(Fact, frozen=True):
    pass


class ExportExpired(Fact, frozen=True):
    pass


ExportEvent = (
    ExportRequested
    | ExportProgressed
    | ExportCompleted
    | ExportFailed
    | ExportCancelled
    | ExportExpired
)
