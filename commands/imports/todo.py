"""How Todo App's rows move in: tasks and tags of people whom another server knows."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from commands.imports.items import Item, stream_of
from commands.imports.people import BETTER_AUTH, Person
from commands.imports.rows import Row
from commands.imports.tables import (
    Known,
    Listing,
    Named,
    OldSystem,
    OldTable,
    People,
    Tags,
    Things,
    home_of,
    same,
    with_uuid,
)
from commands.imports.tasks import OldTask, task_item
from events.accounts import AccountRegistered, IdentityLinked
from events.base import Priority
from events.tasks import TaskCreated

SYSTEM: Literal["todo"] = "todo"
MAX_NAME = 255
_PRIORITY: dict[str, Priority] = {
    "High": "high",
    "Medium": "medium",
    "Low": "low",
    "HIGH": "high",  # as the names of the enum are stored, where its values are not
    "MEDIUM": "medium",
    "LOW": "low",
}


def person(row: Row, known: Known) -> Person:
    """All that is known here of somebody is the name by which their tokens call them."""
    subject = row.text("id")
    return Person(
        table=row.source.table,
        key=subject,
        stream=stream_of(SYSTEM, "account", subject),
        identity=IdentityLinked(issuer=BETTER_AUTH, subject=subject),
        registered=AccountRegistered(email="", username=None, full_name=subject[:MAX_NAME]),
        at=row.instant("created_at") or known.now,
        compared=False,
    )


def task(row: Row, known: Known) -> Item:
    account = known.account(row, "user_id")
    home = home_of(account)
    created = TaskCreated(
        title=row.text("title"),
        description=row.maybe_text("description"),
        priority=row.choice("priority", _PRIORITY, "Medium"),
        due_on=row.day("due_date"),
    )
    return task_item(
        OldTask(
            table=row.source.table,
            key=row.key,
            stream=row.uuid("id"),
            workspace=home,
            created_by=account,
            created_at=row.happened("created_at", "updated_at"),
            changed_at=row.instant("updated_at"),
            created=created,
            status="completed" if row.flag("completed") else "todo",
            tags=[known.tags[home, name] for name in row.texts("tags")],
        ),
        known.now,
    )


def tags_of_task(row: Row, known: Known) -> Iterator[Named]:
    at = row.happened("created_at", "updated_at")
    for name in row.texts("tags"):
        yield _named(row, known, name, at)


def tag(row: Row, known: Known) -> Named:
    """Also of those that are on no task."""
    return _named(row, known, row.text("name"), row.instant("created_at") or known.now)


def _named(row: Row, known: Known, name: str, at: datetime) -> Named:
    account = known.account(row, "user_id")
    return Named(workspace=home_of(account), name=name, at=at, actor=account)


_TASKS, _TAGS = ("tasks", "task"), ("tags", "tag")
_OWNER = {"id": ("user_id",), "created_at": ("created_at",)}

TODO = OldSystem(
    SYSTEM,
    [
        People(OldTable(names=_TASKS, columns=_OWNER, grouped=True), person),
        People(
            OldTable(
                names=_TAGS,
                columns=_OWNER,
                optional={"created_at"},
                grouped=True,
                may_be_missing=True,
            ),
            person,
        ),
        Tags(
            OldTable(
                names=_TAGS,
                columns=same("id", "user_id", "name", "created_at"),
                optional={"created_at"},
                may_be_missing=True,
            ),
            tag,
        ),
        Things(
            OldTable(
                names=_TASKS,
                columns=same(
                    *("id", "user_id", "title", "description", "completed", "priority"),
                    *("due_date", "created_at", "updated_at"),
                ),
                lists={
                    "tags": Listing(
                        pairs=("task_tags", "task_tag", "tasktag"),
                        mine=("task_id",),
                        theirs=("tag_id",),
                        names=_TAGS,
                        column=("name",),
                    )
                },
                order=("created_at", "id"),
            ),
            with_uuid,
            task,
            tags_of_task,
        ),
    ],
)
