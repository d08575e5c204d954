"""Refresh tokens: exchanged, raced for, lost, stolen and run out, over a real log."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from events.ids import personal_workspace_of
from events.refusals import Unauthenticated
from gateway.auth import GRACE
from tests.support.log import Log, open_log
from tests.support.signing_in import (
    REFRESH_LIFE,
    Process,
    is_good,
    open_process,
    reasons,
    refreshed,
    registered,
)


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def process(log: Log) -> AsyncIterator[Process]:
    async with open_process(log) as process:
        yield process


async def test_a_refresh_token_is_exchanged_for_the_next(process: Process) -> None:
    ada = await registered(process)
    for _ in range(3):
        after = await refreshed(process, ada.refresh_token)
        assert after.session == ada.session
        assert after.refresh_token != ada.refresh_token
        assert await is_good(process, after)
        ada = after


async def test_of_many_who_refresh_at_once_all_get_the_same_token(
    log: Log, process: Process
) -> None:
    ada = await registered(process)
    async with open_process(log) as other:
        answers = await asyncio.gather(
            *(refreshed(each, ada.refresh_token) for each in (process, other) * 4)
        )
    assert len({answer.refresh_token for answer in answers}) == 1
    assert len(await log.reader.stream(ada.session)) == 2
    assert await refreshed(process, answers[0].refresh_token)


async def test_a_lost_answer_can_be_asked_for_again(process: Process) -> None:
    ada = await registered(process)
    first = await refreshed(process, ada.refresh_token)
    process.clock.ahead = GRACE / 2
    again = await refreshed(process, ada.refresh_token)
    assert again.refresh_token == first.refresh_token
    assert await is_good(process, again)


async def test_a_used_token_that_comes_back_later_ends_the_session(
    log: Log, process: Process
) -> None:
    ada = await registered(process)
    thief = await refreshed(process, ada.refresh_token)
    assert await is_good(process, thief)
    process.clock.ahead = GRACE + timedelta(seconds=1)
    for token in (ada.refresh_token, thief.refresh_token):
        with pytest.raises(Unauthenticated) as refused:
            await refreshed(process, token)
        assert refused.value.code == "refresh-token-invalid"
    assert not await is_good(process, thief)
    assert not await is_good(process, ada)
    assert await reasons(log, ada.session) == ["reuse"]


async def test_an_older_token_ends_the_session_at_once(log: Log, process: Process) -> None:
    ada = await registered(process)
    second = await refreshed(process, ada.refresh_token)
    third = await refreshed(process, second.refresh_token)
    with pytest.raises(Unauthenticated):
        await refreshed(process, ada.refresh_token)
    assert not await is_good(process, third)
    assert await reasons(log, ada.session) == ["reuse"]


async def test_a_guess_harms_nobody(process: Process) -> None:
    ada, eve = await registered(process), await registered(process, "eve@example.org")
    own, foreign = ada.refresh_token, eve.refresh_token
    home = personal_workspace_of(ada.account.id)
    mixed = [own[:22] + foreign[22:], own[:43] + foreign[43:-4], "x", own + "x", home.hex * 2]
    for guess in mixed:
        with pytest.raises(Unauthenticated):
            await refreshed(process, guess)
    assert await is_good(process, ada)
    assert await refreshed(process, own)


async def test_a_session_that_nobody_refreshes_runs_out(process: Process) -> None:
    ada = await registered(process)
    process.clock.ahead = REFRESH_LIFE + timedelta(seconds=1)
    with pytest.raises(Unauthenticated):
        await refreshed(process, ada.refresh_token)
