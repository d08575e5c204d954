"""How Phase 3 Todo's rows move in: UUIDs kept as text, and passwords hashed by passlib."""

from typing import Literal

from commands.imports.items import Item
from commands.imports.people import BETTER_AUTH, Person, email_of, stored_hash
from commands.imports.rows import Row
from commands.imports.tables import (
    Known,
    OldSystem,
    OldTable,
    People,
    Things,
    home_of,
    same,
    with_uuid,
)
from commands.imports.tasks import OldTask, task_item
from events.accounts import AccountRegistered, IdentityLinked
from events.base import Priority
from events.tasks import TaskCreated

SYSTEM: Literal["phase3"] = "phase3"
_PRIORITY: dict[str, Priority] = {"low": "low", "medium": "medium", "high": "high"}


def person(row: Row, known: Known) -> Person:
    stream, email = row.uuid("id"), email_of(row)
    return Person(
        table=row.source.table,
        key=row.key,
        stream=stream,
        identity=IdentityLinked(issuer=BETTER_AUTH, subject=row.reference("id")),
        registered=AccountRegistered(
            email=email, username=None, full_name=row.maybe_text("name") or email
        ),
        at=row.happened("created_at", "updated_at"),
        password=stored_hash(row, "hashed_password"),
    )


def task(row: Row, known: Known) -> Item:
    """Its first version had no priorities."""
    account = known.account(row, "user_id")
    created = TaskCreated(
        title=row.text("title"),
        description=row.maybe_text("description"),
        priority=row.choice("priority", _PRIORITY, "medium"),
    )
    return task_item(
        OldTask(
            table=row.source.table,
            key=row.key,
            stream=row.uuid("id"),
            workspace=home_of(account),
            created_by=account,
            created_at=row.happened("created_at", "updated_at"),
            changed_at=row.instant("updated_at"),
            created=created,
            status="completed" if row.flag("completed") else "todo",
        ),
        known.now,
    )


PHASE3 = OldSystem(
    SYSTEM,
    [
        People(
            OldTable(
                names=("users", "user"),
                columns={
                    **same("id", "email", "name", "created_at", "updated_at"),
                    "hashed_password": ("hashed_password", "password_hash", "password"),
                },
                optional={"name", "updated_at"},
                order=("created_at", "id"),
            ),
            person,
        ),
        Things(
            OldTable(
                names=("tasks", "task"),
                columns=same(
                    *("id", "user_id", "title", "description", "completed", "priority"),
                    *("created_at", "updated_at"),
                ),
                optional={"priority"},
                order=("created_at", "id"),
            ),
            with_uuid,
            task,
        ),
    ],
)
