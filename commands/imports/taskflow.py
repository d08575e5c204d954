"""How TaskFlow Pro's rows move in: integer ids, and times without a zone."""

from typing import Literal

from commands.imports.items import Item, stream_of
from commands.imports.people import Person, email_of, stored_hash
from commands.imports.rows import Row
from commands.imports.tables import (
    Known,
    OldSystem,
    OldTable,
    People,
    Things,
    home_of,
    number_of,
    numbered,
    same,
)
from commands.imports.taskflow_texts import note, post, tags_of_post
from commands.imports.tasks import OldTask, moments, task_item
from events.accounts import AccountRegistered
from events.base import Priority
from events.moments import Status
from events.tasks import TaskCreated

SYSTEM: Literal["taskflow"] = "taskflow"
_STATUS: dict[str, Status] = {
    "pending": "todo",
    "in_progress": "in_progress",
    "completed": "completed",
}
_PRIORITY: dict[str, Priority] = {"low": "low", "medium": "medium", "high": "high"}


def person(row: Row, known: Known) -> Person:
    number, link = number_of(row, SYSTEM, "account")
    registered = AccountRegistered(
        email=email_of(row), username=None, full_name=row.text("full_name"), number=number
    )
    return Person(
        table=row.source.table,
        key=row.key,
        stream=stream_of(SYSTEM, "account", number),
        number=link,
        registered=registered,
        at=row.happened("created_at", "updated_at"),
        password=stored_hash(row, "password_hash"),
    )


def task(row: Row, known: Known) -> Item:
    account = known.account(row, "user_id")
    number, claim = number_of(row, SYSTEM, "task")
    created = TaskCreated(
        title=row.text("title"),
        description=row.maybe_text("description"),
        priority=row.choice("priority", _PRIORITY, "medium"),
        number=number,
        **moments("due", row.moment("due_date")),
    )
    return task_item(
        OldTask(
            table=row.source.table,
            key=row.key,
            stream=stream_of(SYSTEM, "task", number),
            workspace=home_of(account),
            created_by=account,
            created_at=row.happened("created_at", "updated_at"),
            changed_at=row.instant("updated_at"),
            created=created,
            status=row.choice("status", _STATUS, "pending"),
            number=claim,
        ),
        known.now,
    )


_TIMES = same("created_at", "updated_at")
_OWNED = {**same("id", "user_id"), **_TIMES}

TASKFLOW = OldSystem(
    SYSTEM,
    [
        People(
            OldTable(
                names=("users",),
                columns={**same("id", "email", "password_hash", "full_name"), **_TIMES},
            ),
            person,
        ),
        Things(
            OldTable(
                names=("tasks",),
                columns={
                    **_OWNED,
                    **same("title", "description", "status", "priority", "due_date"),
                },
                optional={"due_date"},
            ),
            numbered(SYSTEM, "task"),
            task,
        ),
        Things(
            OldTable(
                names=("notes",),
                columns={**_OWNED, **same("title", "content", "category", "is_favorite")},
            ),
            numbered(SYSTEM, "note"),
            note,
        ),
        Things(
            OldTable(
                names=("posts",),
                columns={**_OWNED, **same("title", "content", "status", "tags", "view_count")},
            ),
            numbered(SYSTEM, "post"),
            post,
            tags_of_post,
        ),
    ],
)
