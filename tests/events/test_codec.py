"""How facts become stored bytes and come back, today's and those of years ago."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.persistence import MapperDeserialisationError

from events.base import Fact
from events.codec import (
    MAX_STATE_BYTES,
    FactMapper,
    LogRow,
    SealedEvent,
    UnknownTopic,
    decode_fact,
    encode_fact,
    sealed_client,
    unsealed_client,
)
from events.envelope import Caller, Erased, Json, Metadata, Recorded
from events.ids import new_id
from events.refusals import TooLarge
from events.sealing import new_key, seal
from events.tasks import TaskCreated
from events.topics import TOPIC_OF, TOPICS, UPCASTS

OWNER = new_id()
KEY = AESGCM(new_key())
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Sample(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A state as it was once stored. Never edit one: add one for each new topic and version."""

    topic: str
    class_version: int
    state: Json


SAMPLES = msgspec.json.decode(
    Path(__file__).with_name("stored_samples.json").read_bytes(), type=list[Sample]
)


def key_of(owner: UUID) -> AESGCM | None:
    return KEY if owner == OWNER else None


MAPPER = FactMapper(key_of)


def recorded(fact: Fact, topic: str | None = None) -> Recorded:
    return Recorded(
        stream=new_id(),
        version=1,
        topic=topic or TOPIC_OF[type(fact)],
        fact=fact,
        owner=OWNER,
        occurred_at=NOW,
        metadata=Metadata(command=new_id(), correlation=new_id(), actor=new_id()),
    )


def in_the_log(sealed: SealedEvent, **changes: object) -> LogRow:
    """The row that an append makes of it."""
    columns = {
        "id": 1,
        "originator_id": sealed.originator_id,
        "originator_version": sealed.originator_version,
        "topic": sealed.topic,
        "state": sealed.state,
        "owner": sealed.owner,
        "occurred_at": sealed.occurred_at,
        "recorded_at": NOW,
        "metadata": sealed.metadata,
        "digest": b"",
    }
    return LogRow(**(columns | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.topic)
def test_what_was_ever_stored_still_decodes(sample: Sample) -> None:
    state = sample.state
    if sample.class_version > 1:
        state = state | {"class_version": sample.class_version}
    fact = decode_fact(sample.topic, json.dumps(state).encode())
    assert type(fact) is TOPICS[sample.topic]
    assert decode_fact(sample.topic, encode_fact(fact)) == fact


@pytest.mark.parametrize(("topic", "fact"), TOPICS.items())
def test_every_topic_and_version_has_a_stored_sample(topic: str, fact: type[Fact]) -> None:
    sampled = {sample.class_version for sample in SAMPLES if sample.topic == topic}
    assert sampled == set(range(1, fact.class_version + 1))


def test_no_topic_that_was_ever_stored_was_dropped() -> None:
    assert {sample.topic for sample in SAMPLES} <= set(TOPICS)


def test_every_older_version_has_an_upcast() -> None:
    older = {(topic, v) for topic, fact in TOPICS.items() for v in range(1, fact.class_version)}
    assert set(UPCASTS) == older


def test_a_fact_has_one_topic() -> None:
    assert len(TOPIC_OF) == len(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_a_noun_and_what_happened_and_no_python_path(topic: str) -> None:
    noun, happened = topic.split(".")
    assert noun.isidentifier()
    assert happened.isidentifier()
    assert topic.islower()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.topic)
def test_a_fact_comes_back_from_the_log_as_it_went_in(sample: Sample) -> None:
    before = recorded(decode_fact(sample.topic, json.dumps(sample.state).encode()), sample.topic)
    after = MAPPER.to_domain_event(in_the_log(MAPPER.to_stored_event(before)))
    assert after == msgspec.structs.replace(before, position=1, recorded_at=NOW)


def test_nothing_of_a_fact_is_stored_in_clear() -> None:
    sealed = MAPPER.to_stored_event(recorded(TaskCreated(title="A secret plan")))
    assert b"secret" not in sealed.state + sealed.metadata


def test_a_fact_whose_key_is_gone_reads_as_erased() -> None:
    row = in_the_log(MAPPER.to_stored_event(recorded(TaskCreated(title="gone"))))
    assert FactMapper(lambda owner: None).to_domain_event(row).fact == Erased("task.created")


def test_a_fact_cannot_be_sealed_without_a_key() -> None:
    with pytest.raises(ValueError, match="no key"):
        FactMapper(lambda owner: None).to_stored_event(recorded(TaskCreated(title="t")))


@pytest.mark.parametrize(
    "change", [{"originator_id": new_id()}, {"originator_version": 2}, {"topic": "task.edited"}]
)
def test_a_sealed_fact_cannot_be_moved(change: dict[str, object]) -> None:
    sealed = MAPPER.to_stored_event(recorded(TaskCreated(title="mine")))
    with pytest.raises(MapperDeserialisationError, match="position 1"):
        MAPPER.to_domain_event(in_the_log(sealed, **change))


def test_a_fact_under_another_key_cannot_be_read() -> None:
    row = in_the_log(MAPPER.to_stored_event(recorded(TaskCreated(title="mine"))))
    with pytest.raises(MapperDeserialisationError):
        FactMapper(lambda owner: AESGCM(new_key())).to_domain_event(row)


@pytest.mark.parametrize(
    "state",
    [
        b'{"title":"t","priority":"a secret plan"}',
        b'{"a secret plan":1}',
        b'{"title":"a secret plan","due_on":"a secret plan"}',
        b'"a secret plan"',
    ],
)
def test_what_cannot_be_read_is_not_quoted(state: bytes) -> None:
    """The reason stands in dead letters and log lines, for which no key is ever dropped."""
    before = recorded(TaskCreated(title="t"))
    place = b"%s%d %s" % (before.stream.bytes, before.version, before.topic.encode())
    row = in_the_log(MAPPER.to_stored_event(before), state=seal(KEY, state, place))
    with pytest.raises(MapperDeserialisationError, match="position 1") as unread:
        MAPPER.to_domain_event(row)
    assert "secret" not in str(unread.value)
    assert unread.value.__cause__ is None


def test_a_topic_of_a_newer_program_is_unknown() -> None:
    with pytest.raises(UnknownTopic):
        decode_fact("task.teleported", b"{}")


def test_a_version_of_a_newer_program_is_unknown() -> None:
    with pytest.raises(UnknownTopic, match="version 2"):
        decode_fact("task.started", b'{"class_version":2}')


def test_the_words_class_version_in_a_text_are_only_text() -> None:
    fact = TaskCreated(title='"class_version": 7')
    assert decode_fact("task.created", encode_fact(fact)) == fact


def test_an_older_state_is_upcast_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Renamed(Fact, frozen=True):
        class_version: ClassVar[int] = 3
        full: str

    monkeypatch.setitem(TOPICS, "test.renamed", Renamed)
    monkeypatch.setitem(UPCASTS, ("test.renamed", 1), lambda old: {"name": old["n"]})
    monkeypatch.setitem(UPCASTS, ("test.renamed", 2), lambda old: {"full": old["name"] + "!"})
    assert decode_fact("test.renamed", b'{"n":"Ada"}') == Renamed(full="Ada!")
    assert decode_fact("test.renamed", b'{"name":"Ada","class_version":2}') == Renamed(full="Ada!")
    assert decode_fact("test.renamed", encode_fact(Renamed(full="Ada"))) == Renamed(full="Ada")


def test_a_state_may_be_as_long_as_the_limit() -> None:
    empty = len(encode_fact(TaskCreated(title="t", description="")))
    fits = TaskCreated(title="t", description="x" * (MAX_STATE_BYTES - empty))
    assert MAPPER.to_stored_event(recorded(fits)).state


def test_a_state_one_byte_too_long_is_refused_by_the_name_of_its_field() -> None:
    empty = len(encode_fact(TaskCreated(title="t", description="")))
    too_long = TaskCreated(title="t", description="x" * (MAX_STATE_BYTES - empty + 1))
    with pytest.raises(TooLarge) as refused:
        MAPPER.to_stored_event(recorded(too_long))
    assert refused.value.field == "description"


def test_where_a_caller_was_is_sealed_under_the_actors_key() -> None:
    client = sealed_client(Caller(address="203.0.113.7", user_agent="curl"), KEY)
    assert client is not None
    assert b"203.0.113.7" not in client
    metadata = Metadata(command=new_id(), correlation=new_id(), client=client)
    assert unsealed_client(metadata, KEY) == ("203.0.113.7", "curl")
    assert unsealed_client(metadata, None) == (None, None)


def test_of_a_caller_without_a_key_nothing_is_kept() -> None:
    assert sealed_client(Caller(address="203.0.113.7"), None) is None


def test_of_a_caller_nobody_knows_the_place_of_nothing_is_kept() -> None:
    assert sealed_client(Caller(), KEY) is None
