"""Which due moments have passed, and which comes next?"""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from infra.clock import utc_now
from projections.inbox import INBOX
from projections.tasks import TASKS
from projections.workspaces import WORKSPACES
from queries.deadlines import next_deadline, passed_deadlines
from tests.support.log import open_log
from tests.support.office import Office, request
from tests.support.projections import project_all

EVER = datetime(1, 1, 1, tzinfo=UTC)


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        yield office


async def passed(office: Office, *dues: date | datetime) -> list[UUID]:
    """Of tasks that are due then."""
    for due in dues:
        await office.one.handle([office.new_task(due=due)], request())
    for projection in (WORKSPACES, TASKS, INBOX):
        await project_all(office.log, projection)
    now = utc_now()
    found = await passed_deadlines(office.log.pool, now=now, since=EVER, after=None, limit=9)
    assert all(EVER < moment < now for _, _, _, _, moment, *_ in found)
    return [row[0] for row in found]


async def test_dates_and_instants_pass(office: Office) -> None:
    now = utc_now()
    gone = (now - timedelta(hours=1), now.date() - timedelta(days=2), date(1, 1, 2))
    assert len(await passed(office, *gone, now + timedelta(hours=1), now.date())) == 3


async def test_the_ends_of_all_time_do_not_pass(office: Office) -> None:
    """Postgres knows no moments there: whoever announced one would fail, and with it all others."""
    ends = (date.min, date.max, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert await passed(office, *ends) == []
    now = utc_now()
    assert await next_deadline(office.log.pool, now=now, before=now + timedelta(days=3)) is None
