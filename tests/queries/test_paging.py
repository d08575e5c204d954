"""Which cursors are taken for one of a list?"""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from events.ids import new_id
from events.refusals import Gone, Invalid
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from queries.paging import Cursor, decode, encode, moment_of
from queries.search import search
from queries.tasks import Asked, TaskFilter, list_tasks
from queries.workspaces import list_workspaces
from tests.support.log import Log, open_log
from tests.support.office import OWNER
from tests.support.projections import project_all

LOG = UUID(int=1)
# Times for Python, but not for Postgres, and the other way round; and no times at all.
FOREIGN_TIMES = (
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01 00:00:00+00"),
    *("2026-11-20T12:00:00", "yesterday", "now", "", "1"),
)


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        for projection in PROJECTIONS:
            await project_all(log, projection)
        yield log


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor(LOG, "tasks:title:asc", 'a "b" 😀', new_id())
    assert decode(encode(cursor), log=LOG, query="tasks:title:asc") == cursor


def test_a_cursor_of_another_list_or_log_is_refused() -> None:
    text = encode(Cursor(LOG, "tasks:title:asc", "a", new_id()))
    with pytest.raises(Invalid, match="another order"):
        decode(text, log=LOG, query="tasks:title:desc")
    with pytest.raises(Gone):
        decode(text, log=UUID(int=2), query="tasks:title:asc")
    for other in ("", "e30", "é", "a", text[:-4]):
        with pytest.raises(Invalid):
            decode(other, log=LOG, query="tasks:title:asc")


def test_a_moment_is_one_that_both_databases_and_programs_know() -> None:
    for key in FOREIGN_TIMES:
        with pytest.raises(Invalid):
            moment_of(Cursor(LOG, "workspaces", key, new_id()))


async def test_a_forged_cursor_is_answered_or_refused_but_never_fails(log: Log) -> None:
    def forged(query: str, key: str) -> str:
        return encode(Cursor(log.log_id, query, key, new_id()))

    for key in ("2026-W47-5T12:00:00+00:00", "2026-11-20T12:00:00+23:59"):
        asked = Asked(
            log=log.log_id,
            account=OWNER,
            wanted=TaskFilter(),
            now=utc_now(),
            cursor=forged("tasks:created_at:desc", key),
        )
        assert (await list_tasks(log.pool, asked)).items == []
        cursor = forged("workspaces", key)
        page = await list_workspaces(log.pool, log=log.log_id, account=OWNER, cursor=cursor)
        assert page.items == []
    for key in ("1e300", "-1", "inf", "nan", "much"):
        with pytest.raises(Invalid):
            await search(
                log.pool,
                log=log.log_id,
                account=OWNER,
                text="word",
                cursor=forged("search:rank", key),
            )
