"""Who may attach which file to a task, and who may remove it?"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from commands.attachments import ATTACHMENTS, AddAttachment, Attachment, RemoveAttachment
from commands.base import Stream
from commands.state_of_tasks import Task
from events.attachments import AttachmentAdded, AttachmentRemoved
from events.base import Role
from events.ids import new_id
from events.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.support.given import NOW, given

HOME, TASK, FILE = new_id(), new_id(), new_id()
ADA, EVE, BOB, CY = new_id(), new_id(), new_id(), new_id()
MEMBERS: Mapping[UUID, Role] = {ADA: "owner", EVE: "member", BOB: "member", CY: "member"}
SHA = "ab" * 32
ADD = AddAttachment(
    stream=FILE,
    workspace=HOME,
    task=TASK,
    name="plan.pdf",
    content_type="application/pdf",
    size=7,
    sha256=SHA,
)
ADDED = AttachmentAdded(
    task=TASK,
    name="plan.pdf",
    content_type="application/pdf",
    size=7,
    sha256=SHA,
    object_key=FILE,
)
REMOVE = RemoveAttachment(stream=FILE, task=TASK)


def related(
    *, uploader: UUID = BOB, creator: UUID = ADA, assignee: UUID | None = None, **task: Any
) -> dict[UUID, Stream[Any]]:
    state = Task(exists=True, title="Build", assignee=assignee, **task)
    return {
        TASK: Stream(id=TASK, state=state, version=1, owner=HOME, created_by=creator),
        FILE: Stream(id=FILE, state=Attachment(), version=1, owner=HOME, created_by=uploader),
    }


def test_a_member_attaches_a_file() -> None:
    decided = given(ATTACHMENTS).when(ADD, EVE, members=MEMBERS, related=related())
    assert decided == [ADDED]


def test_a_file_needs_a_task_that_is_there() -> None:
    for there in (related(deleted_at=NOW), {TASK: Stream(id=TASK, state=Task())}):
        with pytest.raises(NotFound):
            given(ATTACHMENTS).when(ADD, EVE, members=MEMBERS, related=there)


def test_a_file_goes_to_the_workspace_of_its_task() -> None:
    elsewhere = replace(ADD, workspace=new_id())
    with pytest.raises(NotFound):
        given(ATTACHMENTS).when(elsewhere, EVE, members=MEMBERS, related=related())


def test_a_file_is_attached_once() -> None:
    with pytest.raises(Conflict):
        given(ATTACHMENTS, [ADDED]).when(ADD, EVE, members=MEMBERS, related=related())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"size": 0}, "empty-file"),
        ({"name": "a/b.pdf"}, "bad-file-name"),
        ({"content_type": "text/html"}, "file-type-not-allowed"),
    ],
)
def test_a_bad_file_is_not_attached(change: dict[str, Any], code: str) -> None:
    bad = replace(ADD, **change)
    with pytest.raises(Invalid) as refused:
        given(ATTACHMENTS).when(bad, EVE, members=MEMBERS, related=related())
    assert refused.value.code == code


@pytest.mark.parametrize("account", [ADA, EVE, BOB])
def test_who_is_concerned_removes_a_file(account: UUID) -> None:
    """The owner of the workspace, the task's creator, and who uploaded it."""
    there = related(uploader=BOB, creator=EVE)
    removed = given(ATTACHMENTS, [ADDED]).when(REMOVE, account, members=MEMBERS, related=there)
    assert removed == [AttachmentRemoved()]


def test_the_assignee_removes_a_file() -> None:
    there = related(assignee=CY)
    assert given(ATTACHMENTS, [ADDED]).when(REMOVE, CY, members=MEMBERS, related=there)


def test_another_member_does_not_remove_a_file() -> None:
    with pytest.raises(Forbidden) as refused:
        given(ATTACHMENTS, [ADDED]).when(REMOVE, CY, members=MEMBERS, related=related())
    assert refused.value.code == "not-the-uploader"


def test_a_file_is_removed_once() -> None:
    with pytest.raises(NotFound):
        given(ATTACHMENTS, [ADDED, AttachmentRemoved()]).when(
            REMOVE, BOB, members=MEMBERS, related=related()
        )


def test_the_file_of_a_deleted_task_is_not_there() -> None:
    there = related(deleted_at=NOW)
    with pytest.raises(NotFound):
        given(ATTACHMENTS, [ADDED]).when(REMOVE, BOB, members=MEMBERS, related=there)
