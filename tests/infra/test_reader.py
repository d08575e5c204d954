"""What cannot be read: refused where somebody decides on it, marked where everything is listed."""

from uuid import UUID

import pytest

from events.envelope import Unreadable
from events.ids import new_id
from events.refusals import Unavailable
from events.tasks import TaskCompleted, TaskCreated
from tests.support.log import Log, append_facts, open_log

DAMAGES = {
    "state": "UPDATE events SET state = '\\x00' WHERE notification_id = 2",
    "metadata": "UPDATE events SET metadata = '{' WHERE notification_id = 2",
    "topic": "UPDATE events SET topic = 'task.started' WHERE notification_id = 2",
    "key": "UPDATE secrets SET value = '\\x00'",
}


async def damaged(log: Log, how: str) -> UUID:
    """A stream of two events, the second of which cannot be read any more."""
    stream, owner = new_id(), new_id()
    await append_facts(
        log, [TaskCreated(title="a plan"), TaskCompleted()], stream=stream, owner=owner
    )
    await log.execute(DAMAGES[how])
    log.keys.forget(owner)
    return stream


@pytest.mark.parametrize("how", DAMAGES)
async def test_nobody_decides_without_an_event_that_cannot_be_read(database: str, how: str) -> None:
    async with open_log(database) as log:
        stream = await damaged(log, how)
        for reading in (log.reader.stream(stream), log.reader.newest(stream), log.reader.after(1)):
            with pytest.raises(Unavailable, match=str(stream)) as refused:
                await reading
            assert refused.value.code == "unreadable"
        marked = await log.reader.tolerant_after(1)
        assert [isinstance(event.fact, Unreadable) for event in marked] == [True]


async def test_what_stands_before_it_and_elsewhere_is_read(database: str) -> None:
    async with open_log(database) as log:
        stream = await damaged(log, "state")
        other = new_id()
        await append_facts(log, [TaskCreated(title="another")], stream=other)
        assert [event.version for event in await log.reader.stream(stream, up_to=1)] == [1]
        assert [event.position for event in await log.reader.stream(other)] == [3]


async def test_it_is_logged_once_and_without_content(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_log(database) as log:
        stream = await damaged(log, "topic")
        for _ in range(3):
            with pytest.raises(Unavailable):
                await log.reader.stream(stream)
    told = [record for record in caplog.records if record.name == "infra.reader"]
    assert [record.levelname for record in told] == ["ERROR"]
    assert "event 2 (task.started)" in told[0].getMessage()
    assert "a plan" not in caplog.text
