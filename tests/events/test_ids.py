"""How identifiers are made."""

import time
from uuid import RFC_4122, UUID, uuid4

import msgspec

from events.ids import (
    NUMBER_OFFSET,
    command_id_for,
    id_in,
    new_id,
    number_at,
    personal_workspace_of,
    position_of,
    quick,
)


def test_a_new_id_is_a_version_7_uuid() -> None:
    assert {new_id().version for _ in range(100)} == {7}
    assert {new_id().variant for _ in range(100)} == {RFC_4122}


def test_a_new_id_begins_with_the_milliseconds_of_its_moment() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id().int >> 80
    assert before <= made <= time.time_ns() // 1_000_000


def test_an_id_made_here_is_any_other_uuid_to_whoever_compares_or_prints_it() -> None:
    made = new_id()
    other = UUID(str(made))
    assert isinstance(made, UUID)
    assert made == other
    assert other == made
    assert (hash(made), made.bytes, str(made)) == (hash(other), other.bytes, str(other))
    assert msgspec.json.encode({made: made}) == msgspec.json.encode({other: other})
    assert {made: 1}[quick(other)] == {other: 1}[id_in(str(made))] == 1


def test_new_ids_do_not_repeat() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_an_idempotency_key_means_the_same_command_for_one_account_only() -> None:
    ada, bob = uuid4(), uuid4()
    assert command_id_for(ada, "key") == command_id_for(ada, "key")
    assert command_id_for(ada, "key") != command_id_for(bob, "key")
    assert command_id_for(ada, "key") != command_id_for(ada, "other")


def test_an_account_has_one_personal_workspace() -> None:
    ada = uuid4()
    assert personal_workspace_of(ada) == personal_workspace_of(ada) != ada


def test_a_number_names_the_position_it_was_born_at() -> None:
    assert position_of(number_at(7)) == 7


def test_a_number_from_an_older_system_names_no_position() -> None:
    assert position_of(7) is None
    assert position_of(NUMBER_OFFSET) is None
