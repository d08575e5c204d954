"""How TaskHub's rows move in: UUIDs, and one workspace that everybody shares."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from uuid import UUID

from commands.imports.attachments import OldAttachment, attachment_file
from commands.imports.items import Happened, Item
from commands.imports.people import Person, email_of, stored_hash
from commands.imports.rows import Row
from commands.imports.tables import (
    Files,
    Known,
    Listing,
    Lookup,
    Named,
    News,
    OldFile,
    OldSystem,
    OldTable,
    People,
    Tags,
    Things,
    same,
    with_uuid,
)
from commands.imports.tasks import OldTask, changed_after, moments, task_item
from events.accounts import AccountRegistered, IdentityLinked, ProfileChanged
from events.base import Fact, Priority
from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.moments import Status
from events.tags import COLOUR
from events.tasks import TaskCreated, TaskFellOverdue

SYSTEM: Literal["taskhub"] = "taskhub"
_PRIORITY: dict[str, Priority] = {
    "low": "low",
    "medium": "medium",
    "high": "high",
    "urgent": "urgent",
}
_STATUS: dict[str, Status | None] = {
    "todo": "todo",
    "in_progress": "in_progress",
    "completed": "completed",
    "overdue": None,  # it stood in the place of what the task was before
}
_COLOUR = re.compile(r"#[0-9A-F]{6}")


def person(row: Row, known: Known) -> Person:
    stream, avatar = row.uuid("id"), row.maybe_text("avatar_url")
    return Person(
        table=row.source.table,
        key=row.key,
        stream=stream,
        identity=IdentityLinked(issuer=SYSTEM, subject=str(stream)),
        registered=AccountRegistered(
            email=email_of(row), username=row.text("username"), full_name=row.text("full_name")
        ),
        profile=ProfileChanged(avatar_url=avatar) if avatar else None,
        at=row.happened("created_at", "updated_at"),
        password=stored_hash(row, "hashed_password"),
        active=row.flag("is_active", default=True),
    )


def tag(row: Row, known: Known) -> Named:
    colour = (row.maybe_text("color") or "").strip().upper()
    return Named(
        workspace=_space(known),
        name=row.text("name"),
        at=row.instant("created_at") or known.now,
        actor=None,
        stream=row.uuid("id"),
        colour=colour if _COLOUR.fullmatch(colour) else COLOUR,
    )


def task(row: Row, known: Known) -> Item:
    space, creator = _space(known), known.account(row, "created_by")
    created = TaskCreated(
        title=row.text("title"),
        description=row.maybe_text("description"),
        priority=row.choice("priority", _PRIORITY, "medium"),
        notify_overdue=row.flag("notify_overdue"),
        **moments("start", row.moment("start_date")),
        **moments("due", row.moment("due_date")),
    )
    is_assigned = row.value("assigned_to") is not None
    return task_item(
        OldTask(
            table=row.source.table,
            key=row.key,
            stream=row.uuid("id"),
            workspace=space,
            created_by=creator,
            created_at=row.happened("created_at", "updated_at"),
            changed_at=row.instant("updated_at"),
            created=created,
            status=_status(row, created, known.now),
            assignee=known.account(row, "assigned_to") if is_assigned else None,
            tags=[known.tags[space, name] for name in row.texts("tags")],
            deleted=row.flag("is_deleted"),
        ),
        known.now,
    )


def tags_of_task(row: Row, known: Known) -> Iterator[Named]:
    for name in row.texts("tags"):
        at = row.happened("created_at", "updated_at")
        yield Named(workspace=_space(known), name=name, at=at, actor=None)


def comment(row: Row, known: Known) -> Item:
    """Who it concerned has seen it there, so nobody is told of it again."""
    _demand_task(row, known)
    stream, author, content = row.uuid("id"), known.account(row, "user_id"), row.text("content")
    at = row.happened("created_at", "updated_at")
    last = changed_after(at, row.instant("updated_at"))
    deleted = row.flag("is_deleted")
    facts: list[tuple[Fact, datetime]] = [
        (CommentAdded(task=row.uuid("task_id"), content=content), at)
    ]
    if deleted:
        facts.append((CommentDeleted(), last or at))
    elif last:
        facts.append((CommentEdited(content=content), last))
    return Item(
        table=row.source.table,
        key=row.key,
        stream=stream,
        happened=[
            Happened(stream=stream, owner=_space(known), fact=fact, at=at, actor=author)
            for fact, at in facts
        ],
        account=author,
    )


def file(row: Row, known: Known) -> OldFile:
    """Its object lies in the folder under the key that it had in the bucket."""
    _demand_task(row, known)
    return attachment_file(
        OldAttachment(
            row=row,
            stream=row.uuid("id"),
            workspace=_space(known),
            task=row.uuid("task_id"),
            uploader=known.account(row, "uploaded_by"),
            at=row.happened("created_at"),
            path=row.maybe_text("s3_key") or row.text("filename"),
            field="s3_key",
            name=row.text("original_filename"),
            content_type=row.maybe_text("content_type"),
            size=row.number("size"),
        )
    )


def notification(row: Row, known: Known) -> Item | None:
    """Its server only ever told of what was overdue, and of that more than once."""
    told = row.maybe_text("type") == "task_overdue"
    if not told or row.flag("is_read") or row.value("task") is None:
        return None
    known.demand_accepted(row, "task_id", "tasks")
    stream, account = row.uuid("id"), known.account(row, "user_id")
    fact = TaskFellOverdue(task=row.uuid("task_id"), audience=(account,))
    happened = Happened(
        stream=stream, owner=_space(known), fact=fact, at=row.happened("created_at"), actor=None
    )
    return Item(
        table=row.source.table, key=row.key, stream=stream, happened=[happened], account=account
    )


def _status(row: Row, created: TaskCreated, now: datetime) -> Status:
    found = row.choice("status", _STATUS, "todo")
    if found is not None:
        return found
    started = created.start_at or row.instant("start_date")
    return "in_progress" if started and started <= now else "todo"


def _demand_task(row: Row, known: Known) -> None:
    known.demand_accepted(row, "task_id", "tasks")
    if row.value("task") is None:
        row.refuse("task_id", f"there is no tasks {row.reference('task_id')}")


def _space(known: Known) -> UUID:
    assert known.space is not None, "everything belongs to one workspace"
    return known.space


_TIMES = same("created_at", "updated_at")
_TASK = {"task": Lookup(names=("tasks",), column=("id",), by="task_id")}

TASKHUB = OldSystem(
    SYSTEM,
    [
        People(
            OldTable(
                names=("users",),
                columns={
                    **same("id", "email", "username", "full_name", "hashed_password"),
                    **same("avatar_url", "is_active"),
                    **_TIMES,
                },
                optional={"updated_at"},
                order=("created_at", "id"),
            ),
            person,
        ),
        Tags(
            OldTable(
                names=("tags",),
                columns=same("id", "name", "color", "created_at"),
                optional={"created_at"},
                order=("name", "id"),
            ),
            tag,
        ),
        Things(
            OldTable(
                names=("tasks",),
                columns={
                    **same("id", "title", "description", "status", "priority", "due_date"),
                    **same("start_date", "notify_overdue", "is_deleted"),
                    **same("created_by", "assigned_to"),
                    **_TIMES,
                },
                optional={"start_date"},
                lists={
                    "tags": Listing(
                        pairs=("task_tags",),
                        mine=("task_id",),
                        theirs=("tag_id",),
                        names=("tags",),
                        column=("name",),
                    )
                },
                order=("created_at", "id"),
            ),
            with_uuid,
            task,
            tags_of_task,
        ),
        Things(
            OldTable(
                names=("comments",),
                columns={**same("id", "task_id", "user_id", "content", "is_deleted"), **_TIMES},
                lookups=_TASK,
                order=("created_at", "id"),
            ),
            with_uuid,
            comment,
        ),
        Files(
            OldTable(
                names=("files",),
                columns={
                    **same("id", "task_id", "filename", "original_filename", "content_type"),
                    **same("size", "s3_key", "created_at"),
                    "uploaded_by": ("uploaded_by", "uploader_id", "user_id"),
                },
                lookups=_TASK,
                order=("created_at", "id"),
            ),
            file,
        ),
        News(
            OldTable(
                names=("notifications",),
                columns=same("id", "user_id", "task_id", "type", "is_read", "created_at"),
                lookups=_TASK,
                order=("created_at", "id"),
            ),
            notification,
        ),
    ],
    shared=True,
)
