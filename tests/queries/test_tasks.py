"""What task lists show, against the same question asked in plain Python."""

import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from commands.tags import CreateTag
from commands.tasks import DeleteTask
from events.ids import new_id
from events.refusals import Gone, Invalid, NotFound
from infra.clock import utc_now
from projections.catalog import PROJECTIONS
from projections.rebuild import rebuild
from queries.lists import Order
from queries.paging import Cursor, Page, encode
from queries.tasks import Asked, Sort, TaskFilter, TaskRow, get_task, list_tasks
from tests.support.log import open_log
from tests.support.office import MEMBER, OWNER, Office, request

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
YESTERDAY, TODAY, TOMORROW = (date(2026, 11, day) for day in (19, 20, 21))
HOUR_AGO, FAR_AHEAD = NOW - timedelta(hours=1), NOW + timedelta(days=9)
DUE: list[Any] = [None, YESTERDAY, TODAY, TOMORROW, HOUR_AGO, FAR_AHEAD]


class Desk:
    """An office whose read models are brought up to date by hand."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.red = new_id()

    async def fill(self) -> None:
        office = self.office
        tag = CreateTag(stream=self.red, workspace=office.workspace, name="Red")
        await office.one.handle([tag], request())
        combinations = itertools.product(DUE, ("todo", "in_progress", "completed"))
        for number, (due, status) in enumerate(combinations):
            command = office.new_task(
                due=due,
                status=status,
                description="50% of all_things" if number == 3 else None,
                priority=("low", "medium", "high", "urgent")[number % 4],
                assignee=MEMBER if number % 3 else None,
                tags=(self.red,) if number % 5 == 0 else (),
            )
            await office.one.handle([command], request())
        gone = await office.task()
        await office.one.handle([DeleteTask(stream=gone)], request())
        await self.project()

    async def project(self) -> None:
        log = self.office.log
        for projection in PROJECTIONS:
            await rebuild(log.pool, projection, log.reader)

    async def page(
        self, *, account: UUID = OWNER, log: UUID | None = None, **asked: Any
    ) -> Page[TaskRow]:
        wanted = {
            name: asked.pop(name) for name in list(asked) if name in TaskFilter.__struct_fields__
        }
        return await list_tasks(
            self.office.log.pool,
            Asked(
                log=log or self.office.log.log_id,
                account=account,
                wanted=TaskFilter(**wanted),
                now=NOW,
                **asked,
            ),
        )

    async def all(self, **asked: Any) -> list[TaskRow]:
        return list((await self.page(limit=200, **asked)).items)


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_log(database) as log:
        office = Office(log)
        await office.open()
        desk = Desk(office)
        await desk.fill()
        yield desk


def due_key(row: TaskRow) -> datetime | None:
    if row.due_on is not None:
        return datetime(row.due_on.year, row.due_on.month, row.due_on.day, tzinfo=UTC) + timedelta(
            1
        )
    return row.due_at


KEYS: dict[Sort, Callable[[TaskRow], Any]] = {
    "created_at": lambda row: row.created_at,
    "updated_at": lambda row: row.updated_at,
    "due": due_key,
    "title": lambda row: row.title.lower(),
    "priority": lambda row: ("low", "medium", "high", "urgent").index(row.priority),
    "status": lambda row: ("todo", "in_progress", "completed").index(row.status),
}


async def test_every_order_pages_through_everything_once(desk: Desk) -> None:
    everything = await desk.all()
    assert len(everything) == 18
    for sort, order in itertools.product(get_args(Sort), get_args(Order)):
        pages: list[TaskRow] = []
        cursor = None
        while True:
            page = await desk.page(sort=sort, order=order, limit=5, cursor=cursor)
            pages += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        keyed = [row for row in everything if KEYS[sort](row) is not None]
        keyed.sort(key=lambda row: (KEYS[sort](row), row.id), reverse=order == "desc")
        without = {row.id for row in everything if KEYS[sort](row) is None}
        assert [row.id for row in pages[: len(keyed)]] == [row.id for row in keyed], (sort, order)
        assert {row.id for row in pages[len(keyed) :]} == without


async def test_filters_narrow_to_what_they_say(desk: Desk) -> None:
    everything = await desk.all()
    cases: list[tuple[dict[str, Any], Callable[[TaskRow], bool]]] = [
        ({"statuses": ("todo", "completed")}, lambda row: row.status != "in_progress"),
        ({"priorities": ("urgent",)}, lambda row: row.priority == "urgent"),
        ({"assignee": MEMBER}, lambda row: row.assignee == MEMBER),
        ({"unassigned": True}, lambda row: row.assignee is None),
        ({"tags": ("Red",)}, lambda row: bool(row.tags)),
        ({"tags": (str(desk.red),)}, lambda row: bool(row.tags)),
        ({"tags": ("red",)}, lambda row: False),
        ({"overdue": True}, lambda row: row.overdue),
        ({"overdue": False}, lambda row: not row.overdue),
        ({"text": "50% of all_"}, lambda row: row.description is not None),
        ({"text": "50_"}, lambda row: False),
        ({"workspaces": (desk.office.workspace,)}, lambda row: True),
        ({"created_from": utc_now() + timedelta(days=1)}, lambda row: False),
        (
            {"due_from": NOW.replace(hour=0), "due_to": NOW.replace(hour=0) + timedelta(days=1)},
            lambda row: row.due_on == TODAY or row.due_at == HOUR_AGO,
        ),
    ]
    for asked, expected in cases:
        found = {row.id for row in await desk.all(**asked)}
        assert found == {row.id for row in everything if expected(row)}, asked


async def test_a_task_is_overdue_once_its_due_moment_passed_unless_it_is_done(desk: Desk) -> None:
    late = {(row.due_on, row.due_at, row.status) for row in await desk.all() if row.overdue}
    assert late == {
        (day, instant, status)
        for day, instant in ((YESTERDAY, None), (None, HOUR_AGO))
        for status in ("todo", "in_progress")
    }


async def test_tags_show_their_names(desk: Desk) -> None:
    for row in await desk.all():
        assert [text[43:] for text in row.tags or ()] in ([], ["Red"])


async def test_deleted_tasks_are_listed_only_when_asked_for(desk: Desk) -> None:
    assert all(row.deleted_at is None for row in await desk.all())
    [deleted] = await desk.all(deleted=True)
    assert deleted.deleted_at is not None
    with pytest.raises(NotFound):
        await get_task(desk.office.log.pool, account=OWNER, task=deleted.id, now=NOW)


async def test_a_stranger_sees_nothing_and_cannot_ask_for_a_workspace(desk: Desk) -> None:
    stranger = uuid4()
    assert await desk.all(account=stranger) == []
    with pytest.raises(NotFound):
        await desk.all(account=stranger, workspaces=(desk.office.workspace,))
    some = (await desk.all())[0]
    with pytest.raises(NotFound):
        await get_task(desk.office.log.pool, account=stranger, task=some.id, now=NOW)


async def test_a_cursor_is_good_for_its_own_list_and_log_only(desk: Desk) -> None:
    cursor = (await desk.page(limit=1)).next_cursor
    assert cursor is not None
    with pytest.raises(Invalid):
        await desk.page(sort="title", cursor=cursor)
    with pytest.raises(Invalid):
        await desk.page(cursor=cursor[:-4])
    with pytest.raises(Gone):
        await desk.page(cursor=cursor, log=uuid4())


async def test_a_cursor_that_was_tampered_with_is_refused(desk: Desk) -> None:
    log = desk.office.log.log_id
    for sort, key in (("created_at", "soon"), ("priority", "9"), ("due", ""), ("title", "\0")):
        cursor = encode(Cursor(log, f"tasks:{sort}:desc", key, uuid4()))
        with pytest.raises(Invalid):
            await desk.page(sort=sort, cursor=cursor)
