"""Which columns does a sheet have, and what stands in them?"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.exports import ExportNoun
from queries.exported import ExportedEvent, ExportedRow


class Column(NamedTuple):
    """What it holds (`kind`) decides how it is written. `field` names the row's, or what two of
    them make: a moment is a date or an instant."""

    title: str
    width: int
    kind: str
    field: str


class Sheet(NamedTuple):
    title: str
    columns: Sequence[Column]


_BEGIN = (
    Column("ID", 38, "text", "id"),
    Column("Number", 12, "number", "number"),
    Column("Workspace", 18, "text", "workspace"),
    Column("Title", 40, "text", "title"),
)
_END = (
    Column("Created by", 22, "text", "created_by"),
    Column("Tags", 22, "text", "tags"),
    Column("Created (UTC)", 20, "moment", "created_at"),
    Column("Updated (UTC)", 20, "moment", "updated_at"),
)
_TASKS = (
    *_BEGIN,
    Column("Description", 60, "text", "description"),
    Column("Status", 12, "text", "status"),
    Column("Priority", 10, "text", "priority"),
    Column("Overdue", 10, "yes", "overdue"),
    Column("Start", 17, "moment", "start"),
    Column("Due", 17, "moment", "due"),
    Column("Assignee", 22, "text", "assignee"),
    *_END,
    Column("Started (UTC)", 20, "moment", "started_at"),
    Column("Completed (UTC)", 20, "moment", "completed_at"),
)
_NOTES = (
    *_BEGIN,
    Column("Content", 60, "text", "content"),
    Column("Category", 16, "text", "category"),
    Column("Favourite", 10, "yes", "favourite"),
    *_END,
    Column("Archived (UTC)", 20, "moment", "archived_at"),
)
_POSTS = (
    *_BEGIN,
    Column("Content", 60, "text", "content"),
    Column("Status", 12, "text", "status"),
    Column("Slug", 30, "text", "slug"),
    Column("Views", 10, "number", "views"),
    *_END,
    Column("Published (UTC)", 20, "moment", "published_at"),
)
SHEETS: Mapping[ExportNoun, Sheet] = {
    "task": Sheet("Tasks", _TASKS),
    "note": Sheet("Notes", _NOTES),
    "post": Sheet("Posts", _POSTS),
}


def history_sheet(noun: ExportNoun) -> Sheet:
    columns = (
        Column("Position", 12, "number", "position"),
        Column("When (UTC)", 20, "moment", "occurred_at"),
        Column("Who", 22, "text", "actor"),
        Column("Event", 18, "text", "event"),
        Column(f"{noun.capitalize()} ID", 38, "text", "about"),
        Column(noun.capitalize(), 40, "text", "title"),
        Column("Changed", 30, "text", "changed"),
    )
    return Sheet("History", columns)


def cells_of(sheet: Sheet, row: ExportedRow | ExportedEvent) -> Sequence[Any]:
    return [_cell(row, column.field) for column in sheet.columns]


def _cell(row: Any, field: str) -> Any:
    if field in ("start", "due"):
        return getattr(row, f"{field}_on") or getattr(row, f"{field}_at")
    value = getattr(row, field)
    match value:
        case UUID():
            return str(value)
        case list():
            return ", ".join(value) or None
        case _:
            return value
