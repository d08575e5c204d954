"""Is a list whose JSON was mostly made before the same as one made anew?"""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from commands.tags import CreateTag, EditTag
from commands.tasks import CompleteTask, EditTask
from events.ids import new_id
from projections.tasks import TASKS
from projections.workspaces import WORKSPACES
from queries.database import Database
from queries.numbered_tasks import Numbered, numbered_page
from queries.rendered_tasks import Form, RenderedTasks
from queries.tasks import Asked, TaskFilter, TaskRow, list_tasks
from tests.support.log import open_log
from tests.support.office import OWNER, Office, request
from tests.support.projections import project_all

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Desk:
    """`made` counts what was rendered."""

    def __init__(self, office: Office, size: int = 1_000) -> None:
        self.office = office
        self.made = 0
        self.rendered = RenderedTasks(Form("v1", self.render), size)

    def render(self, row: TaskRow) -> dict[str, Any]:
        self.made += 1
        return shown(row)

    async def project(self) -> None:
        for projection in (WORKSPACES, TASKS):
            await project_all(self.office.log, projection)

    async def demand_same(self, database: Database | None = None, **asked: Any) -> int:
        """How many had to be made."""
        log, before = self.office.log, self.made
        question = Asked(
            log=log.log_id,
            account=OWNER,
            **{"wanted": TaskFilter(), "now": NOW, **asked},
        )
        page = await self.rendered.page(database or log.pool, question)
        anew = await list_tasks(log.pool, question)
        assert [msgspec.json.decode(item) for item in page.items] == [
            msgspec.json.decode(msgspec.json.encode(shown(row))) for row in anew.items
        ]
        assert page.next_cursor == anew.next_cursor
        return self.made - before


def shown(row: TaskRow) -> dict[str, Any]:
    fields = msgspec.structs.asdict(row)
    return {**fields, "sort_key": None, "tags": list(row.tags or ())}


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    """With five tasks, the first of which has a tag."""
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        desk = Desk(office)
        for number in range(5):
            tags = [await tag(office)] if number == 0 else ()
            task = office.new_task(tags=tuple(tags), due=date(2026, 11, 20))
            await office.one.handle([task], request())
        await desk.project()
        yield desk


async def tag(office: Office) -> UUID:
    made = CreateTag(stream=new_id(), workspace=office.workspace, name="red")
    await office.one.handle([made], request())
    return made.stream


async def first_task(desk: Desk) -> UUID:
    question = Asked(
        log=desk.office.log.log_id, account=OWNER, wanted=TaskFilter(), now=NOW, order="asc"
    )
    return (await list_tasks(desk.office.log.pool, question)).items[0].id


async def test_what_was_made_once_is_not_made_again(desk: Desk) -> None:
    assert await desk.demand_same() == 5
    assert await desk.demand_same() == 0
    assert await desk.demand_same(order="asc", sort="title") == 0
    assert await desk.demand_same(limit=2) == 0


async def test_a_changed_task_is_made_anew_and_the_others_are_not(desk: Desk) -> None:
    await desk.demand_same()
    task = await first_task(desk)
    await desk.office.one.handle([EditTask(stream=task, title="Changed")], request())
    await desk.project()
    assert await desk.demand_same() == 1
    assert await desk.demand_same() == 0


async def test_a_renamed_tag_shows_on_a_task_that_did_not_change(desk: Desk) -> None:
    await desk.demand_same()
    records = await desk.office.log.pool.fetch("SELECT id FROM read.tags")
    await desk.office.one.handle([EditTag(stream=records[0]["id"], name="blue")], request())
    await desk.project()
    assert await desk.demand_same() == 1


async def test_a_task_becomes_overdue_by_the_clock_alone(desk: Desk) -> None:
    await desk.demand_same()
    assert await desk.demand_same(now=NOW + timedelta(days=2)) == 5
    assert await desk.demand_same() == 0


async def test_what_is_not_kept_any_more_is_made_again(desk: Desk) -> None:
    desk.rendered = RenderedTasks(Form("v1", desk.render), 4)
    for _ in range(3):
        assert 0 < await desk.demand_same() <= 5


async def test_long_tasks_are_not_kept_in_any_number(desk: Desk) -> None:
    desk.rendered = RenderedTasks(Form("v1", desk.render), length=1)
    for _ in range(3):
        assert 0 < await desk.demand_same() <= 5


async def test_a_task_that_changes_between_two_looks_is_shown_as_it_then_is(desk: Desk) -> None:
    task = await first_task(desk)

    class Interrupted:
        """Completes the task after the first question."""

        asked = 0

        async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
            found = await desk.office.log.pool.fetch(sql, *arguments)
            self.asked += 1
            if self.asked == 1:
                await desk.office.one.handle([CompleteTask(stream=task)], request())
                await desk.project()
            return found

    assert await desk.demand_same(Interrupted()) == 5


async def test_numbered_lists_are_the_same_too_each_in_its_own_form(desk: Desk) -> None:
    pool = desk.office.log.pool
    asked = Numbered(workspace=desk.office.workspace, wanted=TaskFilter(), now=NOW, limit=3)
    titles = Form("titles", lambda row: row.title)
    ids = Form("ids", lambda row: str(row.id))
    rows = (await numbered_page(pool, asked)).rows
    for form in (titles, ids, titles):
        page = await desk.rendered.numbered(pool, asked, form)
        assert page.total == 5
        assert [msgspec.json.decode(task) for task in page.rows] == [
            form.render(row) for row in rows
        ]
    await desk.office.one.handle([EditTask(stream=rows[0].id, title="Another")], request())
    await desk.project()
    page = await desk.rendered.numbered(pool, asked, titles)
    assert msgspec.json.decode(page.rows[0]) == "Another"
    beyond = await desk.rendered.numbered(pool, msgspec.structs.replace(asked, offset=9), titles)
    assert (list(beyond.rows), beyond.total) == ([], 5)
