"""The rules of a tag."""

from uuid import uuid4

import pytest

from commands.tags import MAX_NAME, TAGS, CreateTag, EditTag, claims
from events.refusals import Invalid
from events.tags import TagCreated, TagRenamed
from tests.support.given import given

ME, HOME, TAG = uuid4(), uuid4(), uuid4()
WORK = TagCreated(workspace=HOME, name="Work")


def test_a_name_is_kept_as_it_is_typed() -> None:
    command = CreateTag(stream=TAG, workspace=HOME, name=" Work")
    assert given(TAGS).when(command, ME) == [TagCreated(workspace=HOME, name=" Work")]


def test_another_case_is_another_tag_and_another_encoding_is_not() -> None:
    def claimed(name: str) -> str:
        [claim] = claims(TAGS.initial, TagCreated(workspace=HOME, name=name))
        return claim.value

    assert claimed("Work") != claimed("work")
    assert claimed("e\u0301") == claimed("\u00e9")


def test_a_name_has_an_end() -> None:
    longest = "é" * MAX_NAME
    create = CreateTag(stream=TAG, workspace=HOME, name=longest)
    assert given(TAGS).when(create, ME) == [TagCreated(workspace=HOME, name=longest)]
    assert given(TAGS, [WORK]).when(EditTag(stream=TAG, name=longest), ME) == [
        TagRenamed(name=longest)
    ]
    for command in (
        CreateTag(stream=TAG, workspace=HOME, name=longest + "x"),
        EditTag(stream=TAG, name=longest + "x"),
    ):
        with pytest.raises(Invalid) as refusal:
            given(TAGS, [WORK] if isinstance(command, EditTag) else []).when(command, ME)
        assert refusal.value.field == "name"
