"""Is an answer as new as what its caller was told, whoever asks at the same time?"""

import asyncio
from collections.abc import Mapping, Set
from uuid import UUID

import pytest

from events.ids import new_id
from events.refusals import Unavailable
from queries.together import Together
from tests.support.waiting import until


class Records:
    """Answers when told to, with what stands there when it was asked."""

    def __init__(self) -> None:
        self.positions: dict[UUID, int] = {}
        self.asked: list[Set[UUID]] = []
        self.away = False
        self.go_on = asyncio.Event()

    async def last_positions_of(self, accounts: Set[UUID]) -> Mapping[UUID, int]:
        self.asked.append(accounts)
        found = {account: self.positions.get(account, 0) for account in accounts}
        await self.go_on.wait()
        if self.away:
            raise Unavailable("away")
        return found


async def test_many_who_ask_at_once_are_one_question_more() -> None:
    records, people = Records(), [new_id() for _ in range(50)]
    records.positions = {account: number for number, account in enumerate(people)}
    last = Together(records.last_positions_of)
    asking = [asyncio.create_task(last.of(account)) for account in people]
    records.go_on.set()
    assert await asyncio.gather(*asking) == list(range(50))
    assert len(records.asked) == 1
    assert await last.of(people[7]) == 7


async def test_a_question_under_way_is_too_old_for_who_comes_later() -> None:
    records, ada = Records(), new_id()
    last = Together(records.last_positions_of)
    before = asyncio.create_task(last.of(ada))
    await until(lambda: records.asked)
    records.positions[ada] = 5
    after = asyncio.create_task(last.of(ada))
    asyncio.get_running_loop().call_soon(records.go_on.set)
    assert (await before, await after) == (0, 5)


async def test_everybody_hears_that_the_database_is_away_and_the_next_ask_again() -> None:
    records, people = Records(), [new_id() for _ in range(3)]
    records.away = True
    records.go_on.set()
    last = Together(records.last_positions_of)
    for account in people:
        with pytest.raises(Unavailable):
            await last.of(account)
    records.away = False
    assert await last.of(people[0]) == 0
