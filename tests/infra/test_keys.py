"""Sealing keys: wrapped where they are stored, cached where they are used."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from events.ids import new_id
from events.sealing import SealBroken, seal, unseal
from infra import keys as module
from infra.keys import KIND, Keys
from tests.support.appends import an_append
from tests.support.log import MASTER_KEY, Log, open_log


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as opened:
        yield opened


async def kept(log: Log, count: int = 1) -> list[UUID]:
    owners = [new_id() for _ in range(count)]
    changes = [Keys(log.pool, MASTER_KEY).create(owner)[1] for owner in owners]
    await log.appender.append(an_append(secrets=changes))
    return owners


async def test_a_key_is_the_same_for_every_process(log: Log) -> None:
    [owner] = await kept(log)
    one, other = Keys(log.pool, MASTER_KEY), Keys(log.pool, MASTER_KEY)
    await one.load([owner])
    await other.load([owner])
    first, second = one.key_of(owner), other.key_of(owner)
    assert first is not None
    assert second is not None
    assert unseal(second, seal(first, b"plain", b""), b"") == b"plain"


async def test_an_owner_without_a_key_has_none(log: Log) -> None:
    owner = new_id()
    await log.keys.load([owner])
    assert log.keys.key_of(owner) is None


async def test_a_key_is_not_stored_in_clear(log: Log) -> None:
    keys, owner = Keys(log.pool, MASTER_KEY), new_id()
    _, change = keys.create(owner)
    assert change.kind == KIND
    assert change.value is not None
    assert len(change.value) > 32 + 12


async def test_another_master_key_opens_nothing(log: Log) -> None:
    [owner] = await kept(log)
    with pytest.raises(SealBroken):
        await Keys(log.pool, b"another" * 5).load([owner])


async def test_another_master_key_is_noticed_before_anything_is_written(log: Log) -> None:
    another = Keys(log.pool, b"another" * 5)
    assert await another.opens(), "an empty database is of no key yet"
    ada, bob = await kept(log, 2)
    assert not await another.opens()
    assert await log.keys.opens()
    await log.execute("UPDATE secrets SET value = '\\x00' WHERE owner = $1", ada)
    assert await log.keys.opens(), "one key that is damaged is another matter"
    await log.keys.load([bob])


async def test_a_wrapped_key_cannot_be_given_to_another_owner(log: Log) -> None:
    ada, bob = await kept(log, 2)
    await log.execute("UPDATE secrets SET owner = $2 WHERE owner = $1", ada, new_id())
    await log.execute("UPDATE secrets SET owner = $2 WHERE owner = $1", bob, ada)
    with pytest.raises(SealBroken):
        await Keys(log.pool, MASTER_KEY).load([ada])


async def test_keys_beyond_what_is_kept_in_memory_are_fetched_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CACHED", 6)
    owners = await kept(log, 12)
    keys = Keys(log.pool, MASTER_KEY)

    async def use(group: list[UUID]) -> None:
        for _ in range(20):
            await keys.load(group)
            assert all(keys.key_of(owner) for owner in group)

    await asyncio.gather(*(use(owners[start : start + 3]) for start in range(0, 12, 3)))
