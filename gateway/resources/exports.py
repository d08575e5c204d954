"""An export job as the native API shows it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from events.exports import KEPT, ExportFormat, ExportNoun

ExportStatus = Literal["requested", "completed", "failed", "cancelled", "expired"]


class ExportResource(msgspec.Struct, frozen=True, kw_only=True):
    """`done` of `total` rows are written by now, as far as that is known. `rows`, `size` (bytes)
    and `sha256` are those of the file, once there is one. It is kept until `expires_at`."""

    id: UUID
    workspace: UUID
    requested_by: UUID | None
    format: ExportFormat
    history: bool
    noun: ExportNoun
    status: ExportStatus
    done: int
    total: int | None
    rows: int | None
    size: int | None
    sha256: str | None
    reason: str | None
    requested_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    version: int


class ExportLink(msgspec.Struct, frozen=True, kw_only=True):
    """`url` needs no token; whoever has it can download the file until it expires."""

    url: str
    expires_at: datetime


def expiry_of(status: str, finished_at: datetime | None) -> datetime | None:
    if status not in ("completed", "expired") or finished_at is None:
        return None
    return finished_at + KEPT
