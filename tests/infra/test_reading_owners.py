"""The log of some owners, in pages."""

from uuid import UUID

from events.envelope import Unreadable
from events.ids import new_id
from events.tasks import TaskCreated, TaskStarted
from tests.support.log import Log, append_facts, open_log

ADA, EVE, ZOE = new_id(), new_id(), new_id()


def anything(topic: str, stream: UUID) -> bool:
    return True


async def write(log: Log, rounds: int) -> None:
    for number in range(rounds):
        for owner in (ADA, EVE, ZOE):
            facts = [TaskCreated(title=f"task {number}"), TaskStarted()]
            await append_facts(log, facts, owner=owner)


async def test_pages_leave_nothing_out_and_say_how_far_they_go(database: str) -> None:
    async with open_log(database) as log:
        await write(log, 5)
        head = await log.reader.head()
        seen, position, pages = [], 0, 0
        while position < head:
            events, position = await log.reader.of_owners(
                [ADA, EVE], position, up_to=head, limit=3, takes=anything
            )
            seen += events
            pages += 1
        everything = await log.reader.after(0)
        assert seen == [event for event in everything if event.owner in (ADA, EVE)]
        assert pages == 7
        assert position == head


async def test_what_is_not_taken_is_passed_over(database: str) -> None:
    async with open_log(database) as log:
        await write(log, 4)
        head = await log.reader.head()
        events, reached = await log.reader.of_owners(
            [ADA], 0, up_to=head, limit=3, takes=lambda topic, stream: topic == "task.started"
        )
        assert [event.topic for event in events] == ["task.started"]
        assert reached == 7
        nothing, reached = await log.reader.of_owners(
            [ADA], 0, up_to=head, limit=500, takes=lambda topic, stream: False
        )
        assert (nothing, reached) == ([], head)


async def test_an_event_that_cannot_be_read_does_not_stop_the_page(database: str) -> None:
    async with open_log(database) as log:
        await write(log, 1)
        await log.execute("UPDATE events SET state = '\\x00' WHERE notification_id = 1")
        events, _ = await log.reader.of_owners([ADA], 0, up_to=6, limit=10, takes=anything)
        assert [isinstance(event.fact, Unreadable) for event in events] == [True, False]
