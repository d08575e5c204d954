"""What may be said about a task, and by whom."""

from typing import Any
from uuid import UUID

import pytest

from commands.base import Command, Stream
from commands.comments import (
    COMMENTS,
    AddComment,
    Comment,
    DeleteComment,
    EditComment,
    mentioned,
)
from commands.state_of_tasks import Task
from events.base import Fact, Role
from events.comments import CommentAdded, CommentDeleted, CommentEdited
from events.ids import new_id
from events.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.support.given import NOW, given

ADA, EVE, BOB, STRANGER = new_id(), new_id(), new_id(), new_id()
HOME, TASK, COMMENT = new_id(), new_id(), new_id()
MEMBERS: dict[UUID, Role] = {ADA: "owner", EVE: "member", BOB: "member"}
ADDED = CommentAdded(task=TASK, content="Looks good", audience=(ADA,))


def add(content: str = "Looks good", **fields: Any) -> AddComment:
    return AddComment(stream=COMMENT, task=TASK, workspace=HOME, content=content, **fields)


def edit(content: str, task: UUID = TASK, **fields: Any) -> EditComment:
    return EditComment(stream=COMMENT, task=task, content=content, **fields)


def delete(task: UUID = TASK) -> DeleteComment:
    return DeleteComment(stream=COMMENT, task=task)


def when(
    command: Command,
    by: UUID = EVE,
    *before: Fact,
    author: UUID = EVE,
    owner: UUID = HOME,
    **task: Any,
) -> list[Fact]:
    """`task` is what is special about the task, which Ada created."""
    state = Task(**{"exists": True, **task})
    related: dict[UUID, Stream[Any]] = {
        TASK: Stream(id=TASK, state=state, version=1, owner=owner, created_by=ADA),
        COMMENT: Stream(id=COMMENT, state=Comment(), created_by=author),
    }
    return given(COMMENTS, before).when(command, by, members=MEMBERS, related=related)


def test_a_comment_concerns_the_tasks_creator_and_assignee() -> None:
    assert when(add(), assignee=BOB) == [
        CommentAdded(task=TASK, content="Looks good", audience=(ADA, BOB))
    ]
    assert when(add(), assignee=ADA) == [ADDED]


def test_who_left_the_workspace_is_no_longer_concerned() -> None:
    assert when(add(), assignee=STRANGER) == [ADDED]


def test_only_members_are_mentioned_and_each_once() -> None:
    [added] = when(add("@bob @bob @eve", mentions=(BOB, STRANGER, BOB)))
    assert isinstance(added, CommentAdded)
    assert added.mentions == (BOB,)


def test_a_deleted_task_takes_no_comments() -> None:
    with pytest.raises(NotFound):
        when(add(), deleted_at=NOW)
    with pytest.raises(NotFound):
        when(edit("Better"), EVE, ADDED, deleted_at=NOW)


def test_a_task_that_is_not_there_takes_no_comments() -> None:
    with pytest.raises(NotFound):
        when(add(), exists=False)
    with pytest.raises(NotFound):
        when(add(), owner=new_id())


def test_a_comment_of_another_task_is_not_found_there() -> None:
    other = Stream(id=BOB, state=Task(exists=True), version=1, owner=HOME)
    for command in (edit("Better", task=other.id), delete(task=other.id)):
        with pytest.raises(NotFound):
            given(COMMENTS, [ADDED]).when(command, EVE, members=MEMBERS, related={other.id: other})


def test_blank_text_is_no_comment() -> None:
    with pytest.raises(Invalid, match="text"):
        when(add(" \n\t"))
    with pytest.raises(Invalid, match="text"):
        when(edit("  "), EVE, ADDED)


def test_a_comment_is_added_once() -> None:
    with pytest.raises(Conflict):
        when(add(), EVE, ADDED)


def test_only_its_author_edits_a_comment() -> None:
    assert when(edit("Better"), EVE, ADDED) == [CommentEdited(content="Better")]
    with pytest.raises(Forbidden):
        when(edit("Better"), ADA, ADDED)


def test_an_edit_that_changes_nothing_is_nothing() -> None:
    assert when(edit("Looks good", mentions=(BOB,)), EVE, ADDED) == []


def test_an_edit_mentions_only_whom_the_text_did_not_name_before() -> None:
    before = CommentAdded(task=TASK, content="@bob", mentions=(BOB,))
    command = edit("@bob @ada", mentions=(BOB, ADA))
    assert when(command, EVE, before) == [CommentEdited(content="@bob @ada", mentions=(ADA,))]
    without = CommentEdited(content="nobody")
    assert when(edit("@bob", mentions=(BOB,)), EVE, before, without) == [
        CommentEdited(content="@bob")
    ]


def test_its_author_and_admins_delete_a_comment() -> None:
    assert when(delete(), EVE, ADDED) == [CommentDeleted()]
    assert when(delete(), ADA, ADDED) == [CommentDeleted()]
    with pytest.raises(Forbidden):
        when(delete(), BOB, ADDED)


def test_a_deleted_comment_is_gone() -> None:
    for command in (delete(), edit("Back")):
        with pytest.raises(NotFound):
            when(command, EVE, ADDED, CommentDeleted())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@eve, look", ["eve"]),
        ("(@eve)", ["eve"]),
        ("for @eve.", ["eve.", "eve"]),
        ("@eve.b-c_1", ["eve.b-c_1"]),
        ("ada@example.org", []),
        ("https://example.org/@eve", []),
        ("`@eve` and\n```\n@bob\n```", []),
        ("@@eve", []),
        ("@ev", []),
        ("@eve @eve", ["eve"]),
    ],
)
def test_a_mention_is_an_at_sign_before_a_username(text: str, names: list[str]) -> None:
    assert mentioned(text) == names


def test_a_comment_cannot_call_everybody() -> None:
    with pytest.raises(Invalid, match="at most"):
        mentioned(" ".join(f"@somebody{n}" for n in range(101)))
