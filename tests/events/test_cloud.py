"""The public form of an event."""

import json
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
import pytest

from events.accounts import SessionOpened
from events.base import Fact
from events.cloud import (
    Published,
    decode_cloud_event,
    encode_cloud_event,
    receive_cloud_event,
    subject_of,
)
from events.codec import UnknownTopic
from events.envelope import Erased, Metadata, Recorded, Unreadable
from events.ids import new_id
from events.tasks import TaskCreated, TaskEdited, TaskStarted
from events.topics import TOPICS, UPCASTS

LOG = new_id()
OWNER = new_id()
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SPECIFIED = {"specversion", "id", "source", "type", "subject", "time", "data", "datacontenttype"}


def recorded(topic: str, fact: Fact | Erased | Unreadable) -> Recorded:
    return Recorded(
        stream=new_id(),
        version=3,
        topic=topic,
        fact=fact,
        owner=OWNER,
        occurred_at=datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC),
        metadata=Metadata(
            command=new_id(),
            correlation=new_id(),
            actor=new_id(),
            client=b"sealed",
            causation=new_id(),
            traceparent=TRACE,
        ),
        position=7,
        recorded_at=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC),
    )


def published(event: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(encode_cloud_event(event, LOG))
    return found


CREATED = recorded("task.created", TaskCreated(title="Übung"))
EVENTS = [
    CREATED,
    recorded("task.started", TaskStarted()),
    recorded("task.edited", TaskEdited(description=None)),
    recorded("session.opened", SessionOpened(account=OWNER)),
    recorded("task.created", Erased("task.created")),
    recorded("task.created", Unreadable("task.created", "it was published as unreadable")),
]
NAMES = ["created", "empty", "null field", "account's own", "erased", "unreadable"]


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_an_event_comes_back_as_it_went_out_but_for_the_sealed_client(event: Recorded) -> None:
    unsealed = msgspec.structs.replace(event.metadata, client=None)
    expected = msgspec.structs.replace(event, metadata=unsealed)
    assert decode_cloud_event(encode_cloud_event(event, LOG)) == expected


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_an_event_is_valid_cloud_events_1_0(event: Recorded) -> None:
    found = published(event)
    assert found["specversion"] == "1.0"
    assert found["id"] == "7"
    assert found["source"] == f"/logs/{LOG}"
    assert found["subject"] == f"{event.noun}/{event.stream}"
    assert RFC_3339.fullmatch(found["time"])
    assert RFC_3339.fullmatch(found["recordedat"])
    for name in found.keys() - SPECIFIED:
        assert re.fullmatch("[a-z0-9]{1,20}", name), name
        assert isinstance(found[name], str | int | bool), name


def test_data_is_the_fact_itself() -> None:
    assert published(CREATED)["data"] == {"title": "Übung"}


def test_a_change_to_null_is_published_as_null() -> None:
    assert published(EVENTS[2])["data"] == {"description": None}


def test_an_erased_event_has_no_data() -> None:
    assert "data" not in published(EVENTS[4])


def test_a_workspaces_event_names_its_workspace() -> None:
    found = published(CREATED)
    assert found["workspace"] == str(OWNER)
    assert "account" not in found


def test_an_accounts_own_event_names_no_workspace() -> None:
    found = published(EVENTS[3])
    assert found["account"] == str(OWNER)
    assert "workspace" not in found


def test_subjects_keep_an_accounts_events_apart_from_workspaces() -> None:
    assert subject_of("tasktrail", CREATED) == f"tasktrail.events.{OWNER}.task.created"
    assert subject_of("tasktrail", EVENTS[3]) == "tasktrail.events.account.session.opened"


@pytest.mark.parametrize(
    "change",
    [
        {"workspace": None},
        {"type": "workspace.renamed"},
        {"specversion": "0.3"},
        {"subject": "task/7"},
        {"type": "task.created_by_a_newer_program"},
        {"data": {"title": "Build", "class_version": 99}},
    ],
)
def test_what_is_no_event_of_ours_is_refused(change: dict[str, object]) -> None:
    payload = json.dumps(published(CREATED) | change, separators=(",", ":")).encode()
    for decode in (decode_cloud_event, receive_cloud_event):
        with pytest.raises((ValueError, UnknownTopic), match=r"."):
            decode(payload)


def test_an_event_without_its_command_is_refused() -> None:
    payload = json.dumps(published(CREATED) | {"correlationid": None}).encode()
    with pytest.raises(ValueError, match="correlationid"):
        decode_cloud_event(payload)


@pytest.mark.parametrize("event", EVENTS[:5], ids=NAMES[:5])
def test_an_event_that_is_passed_on_says_the_same_and_stays_as_it_came(event: Recorded) -> None:
    payload = encode_cloud_event(event, LOG)
    received = receive_cloud_event(payload)
    assert isinstance(received, Published)
    for name in ("stream", "version", "topic", "owner", "position", "noun", "workspace", "fact"):
        assert getattr(received, name) == getattr(event, name), name
    assert encode_cloud_event(received, LOG) is payload


def test_what_was_published_as_unreadable_is_not_passed_on() -> None:
    with pytest.raises(ValueError, match="unreadable"):
        receive_cloud_event(encode_cloud_event(EVENTS[5], LOG))


def test_an_event_of_an_older_version_is_passed_on_as_of_today(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Renamed(Fact, frozen=True):
        class_version: ClassVar[int] = 2
        full: str

    monkeypatch.setitem(TOPICS, "task.renamed", Renamed)
    monkeypatch.setitem(UPCASTS, ("task.renamed", 1), lambda old: {"full": old["name"]})
    older = published(recorded("task.renamed", Erased("task.renamed"))) | {"data": {"name": "Ada"}}
    received = receive_cloud_event(json.dumps(older).encode())
    assert isinstance(received, Recorded)
    assert json.loads(encode_cloud_event(received, LOG))["data"] == {
        "full": "Ada",
        "class_version": 2,
    }
