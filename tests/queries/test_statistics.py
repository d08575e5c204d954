"""What the counts of tasks say, over a real log."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from commands.tags import CreateTag, DeleteTag
from commands.tasks import ArrangeTags, DeleteTask
from commands.workspaces import ChangeTimeZone
from events.ids import new_id
from events.refusals import NotFound
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from queries.facts import Facts, places_of
from queries.statistics import Statistics, statistics_of
from queries.tags import list_tags
from tests.support.log import open_log
from tests.support.office import MEMBER, OWNER, Office, request

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


async def shown(office: Office, now: datetime = NOW) -> Statistics:
    for projection in PROJECTIONS:
        await rebuild(office.log.pool, projection, office.log.reader)
    return await statistics_of(office.log.pool, account=MEMBER, workspace=office.workspace, now=now)


async def test_a_tag_that_a_task_has_twice_counts_as_one_task(office: Office) -> None:
    red, blue, rare = new_id(), new_id(), new_id()
    tags = [
        CreateTag(stream=id, workspace=office.workspace, name=name)
        for id, name in ((red, "red"), (blue, "Blue"), (rare, "rare"))
    ]
    await office.one.handle(tags, request())
    for arranged in ((red, blue, red), (red,)):
        task = await office.task()
        await office.one.handle([ArrangeTags(stream=task, tags=arranged)], request())
    found = await shown(office)
    assert [(tag.name, tag.tasks) for tag in found.by_tag] == [("Blue", 1), ("red", 2)]
    listed = await list_tags(office.log.pool, account=OWNER)
    assert [(row.name, row.tasks) for row in listed] == [("Blue", 1), ("rare", 0), ("red", 2)]
    places = await places_of(office.log.pool, account=OWNER)
    counted = await Facts(office.log.pool, places, NOW).tags(None, None)
    assert sorted(counted.select("name", "tasks").iter_rows()) == [("Blue", 1), ("red", 2)]


async def test_neither_deleted_tasks_nor_deleted_tags_count(office: Office) -> None:
    red = new_id()
    tag = CreateTag(stream=red, workspace=office.workspace, name="red")
    await office.one.handle([tag], request())
    gone = office.new_task(tags=(red,), due=date(2020, 1, 1), priority="urgent")
    await office.one.handle([gone], request())
    await office.one.handle([DeleteTask(stream=gone.stream)], request())
    await office.one.handle([office.new_task(tags=(red,))], request())
    assert [(tag.name, tag.tasks) for tag in (await shown(office)).by_tag] == [("red", 1)]
    await office.one.handle([DeleteTag(stream=red)], request())
    found = await shown(office)
    assert (found.total, found.overdue, found.by_tag) == (1, 0, [])
    assert found.by_priority == {"low": 0, "medium": 1, "high": 0, "urgent": 0}


async def test_a_day_is_over_in_the_workspaces_zone(office: Office) -> None:
    await office.one.handle([office.new_task(due=date(2026, 11, 20))], request())
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    before = midnight - timedelta(hours=2)
    assert (await shown(office, before)).overdue == 0
    assert (await shown(office, midnight)).overdue == 1
    kiritimati = ChangeTimeZone(stream=office.workspace, time_zone="Pacific/Kiritimati")
    await office.one.handle([kiritimati], request())
    assert (await shown(office, before)).overdue == 1


async def test_what_is_done_is_late_no_more(office: Office) -> None:
    done = office.new_task(due=date(2020, 1, 1), status="completed")
    late = office.new_task(due=utc_now() - timedelta(days=30), status="in_progress")
    await office.one.handle([done, late, office.new_task()], request())
    found = await shown(office, utc_now())
    assert (found.total, found.completed, found.incomplete, found.overdue) == (3, 1, 2, 1)
    assert found.completion_rate == 33.3


async def test_statistics_are_for_members(office: Office) -> None:
    await shown(office)
    with pytest.raises(NotFound):
        await statistics_of(office.log.pool, account=uuid4(), workspace=office.workspace, now=NOW)
