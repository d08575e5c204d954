"""How Task Manager's rows move in: integer ids, tags in an array, files in a folder."""

from collections.abc import Iterator
from typing import Literal

from commands.imports.attachments import OldAttachment, attachment_file
from commands.imports.items import Item, stream_of
from commands.imports.people import Person, email_of, stored_hash
from commands.imports.rows import Row
from commands.imports.tables import (
    Files,
    Known,
    Lookup,
    Named,
    OldFile,
    OldSystem,
    OldTable,
    People,
    Things,
    home_of,
    number_of,
    numbered,
    same,
)
from commands.imports.tasks import OldTask, task_item
from events.accounts import AccountRegistered
from events.base import Priority
from events.tasks import TaskCreated

SYSTEM: Literal["taskmanager"] = "taskmanager"
_PRIORITY: dict[str, Priority] = {"low": "low", "medium": "medium", "high": "high"}


def person(row: Row, known: Known) -> Person:
    """Its people have a username and no other name."""
    number, link = number_of(row, SYSTEM, "account")
    username = row.text("username")
    registered = AccountRegistered(
        email=email_of(row), username=username, full_name=username, number=number
    )
    return Person(
        table=row.source.table,
        key=row.key,
        stream=stream_of(SYSTEM, "account", number),
        number=link,
        registered=registered,
        at=row.happened("created_at"),
        password=stored_hash(row, "hashed_password"),
    )


def task(row: Row, known: Known) -> Item:
    account = known.account(row, "user_id")
    home = home_of(account)
    number, claim = number_of(row, SYSTEM, "task")
    created = TaskCreated(
        title=row.text("title"),
        description=row.maybe_text("description"),
        priority=row.choice("priority", _PRIORITY, "medium"),
        due_on=row.day("due_date"),
        number=number,
    )
    return task_item(
        OldTask(
            table=row.source.table,
            key=row.key,
            stream=stream_of(SYSTEM, "task", number),
            workspace=home,
            created_by=account,
            created_at=row.happened("created_at"),
            changed_at=None,
            created=created,
            status="completed" if row.flag("completed") else "todo",
            tags=[known.tags[home, name] for name in row.texts("tags")],
            number=claim,
        ),
        known.now,
    )


def tags_of_task(row: Row, known: Known) -> Iterator[Named]:
    account, at = known.account(row, "user_id"), row.happened("created_at")
    for name in dict.fromkeys(row.texts("tags")):
        yield Named(workspace=home_of(account), name=name, at=at, actor=account)


def file(row: Row, known: Known) -> OldFile:
    """It is its task's owner who uploaded it: nobody else could."""
    known.demand_accepted(row, "task_id", "tasks")
    if row.value("task_user") is None:
        row.refuse("task_id", f"there is no tasks {row.reference('task_id')}")
    account = known.account(row, "task_user")
    number, claim = number_of(row, SYSTEM, "attachment")
    return attachment_file(
        OldAttachment(
            row=row,
            stream=stream_of(SYSTEM, "attachment", number),
            workspace=home_of(account),
            task=stream_of(SYSTEM, "task", row.number("task_id")),
            uploader=account,
            at=row.happened("uploaded_at", "task_created"),
            path=row.text("stored_filename"),
            field="stored_filename",
            name=row.text("original_filename"),
            content_type=row.maybe_text("content_type"),
            size=row.number("file_size"),
            number=number,
            claim=claim,
        )
    )


def _of_task(column: str) -> Lookup:
    return Lookup(names=("tasks",), column=(column,), by="task_id")


TASKMANAGER = OldSystem(
    SYSTEM,
    [
        People(
            OldTable(
                names=("users",),
                columns=same("id", "username", "email", "hashed_password", "created_at"),
            ),
            person,
        ),
        Things(
            OldTable(
                names=("tasks",),
                columns=same(
                    *("id", "user_id", "title", "description", "completed", "priority"),
                    *("due_date", "tags", "created_at"),
                ),
            ),
            numbered(SYSTEM, "task"),
            task,
            tags_of_task,
        ),
        Files(
            OldTable(
                names=("task_files",),
                columns=same(
                    *("id", "task_id", "original_filename", "stored_filename"),
                    *("file_size", "content_type", "uploaded_at"),
                ),
                lookups={"task_user": _of_task("user_id"), "task_created": _of_task("created_at")},
                may_be_missing=True,
            ),
            file,
        ),
    ],
)
