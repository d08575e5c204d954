"""Task Manager's list: its filters, its orders, its pages."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.support.taskmanager import TASK, Manager, misses

TODAY = datetime.now(UTC).date()


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


async def test_a_list_is_bare_and_may_be_empty(manager: Manager) -> None:
    assert (await manager.ask("GET", "/tasks")).json() == []
    task = await manager.task(tags=["b", "a", "b"])
    answer = await manager.ask("GET", "/tasks")
    assert answer.status_code == 200
    assert answer.json() == [task]
    assert task.keys() == TASK


async def test_unsorted_is_the_order_of_creation_whatever_is_changed(manager: Manager) -> None:
    tasks = [await manager.task(title=title) for title in "cab"]
    await manager.ask("PATCH", f"/tasks/{tasks[0]['id']}", {"priority": "high"})
    assert await manager.titles() == ["c", "a", "b"]
    assert await manager.titles("?sort_order=desc") == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("completed=true", ["done"]),
        ("completed=false", ["late", "plain"]),
        ("completed=1&priority=low", ["done"]),
        ("priority=high", ["late"]),
        ("tag=Work", ["late"]),
        ("tag=work", ["done"]),
        ("tag=wor", []),
        ("tag=", ["late", "done", "plain"]),
        ("overdue=true", ["late"]),
        ("overdue=false", ["done", "plain"]),
        ("search=REPORT", ["late"]),
        ("search=ai", ["plain"]),
        ("search=50%25", ["plain"]),
        ("search=", ["late", "done", "plain"]),
        ("search=zz", []),
        ("priority=high&completed=true", []),
        (f"created_after={day(0)}", ["late", "done", "plain"]),
        (f"created_after={day(1)}", []),
        (f"created_before={day(0)}", []),
        (f"created_before={day(1)}", ["late", "done", "plain"]),
        ("unknown=1", ["late", "done", "plain"]),
        ("completed=false&completed=true", ["done"]),
    ],
)
async def test_a_list_is_narrowed(manager: Manager, query: str, titles: list[str]) -> None:
    late = {"description": "The Report", "priority": "high", "due_date": day(-1), "tags": ["Work"]}
    await manager.task(title="late", **late)
    done = {"priority": "low", "completed": True, "due_date": day(-1), "tags": ["x", "work"]}
    await manager.task(title="done", **done)
    await manager.task(title="plain", due_date=day(0), description="50% more")
    assert await manager.titles(f"?{query}") == titles


async def test_a_day_is_over_when_the_next_begins(manager: Manager) -> None:
    """A due date of today is not overdue."""
    for offset in (-1, 0, 1):
        await manager.task(title=str(offset), due_date=day(offset))
    assert await manager.titles("?overdue=true") == ["-1"]


@pytest.mark.parametrize(
    ("sort_by", "ascending"),
    [
        ("id", ["b", "a", "d", "c"]),
        ("created_at", ["b", "a", "d", "c"]),
        ("title", ["a", "b", "c", "d"]),
        ("priority", ["a", "c", "d", "b"]),
        ("due_date", ["c", "a", "b", "d"]),
    ],
)
async def test_a_list_is_sorted_both_ways(
    manager: Manager, sort_by: str, ascending: list[str]
) -> None:
    """Priorities by their letters; what has no due date last ascending, first descending."""
    await manager.task(title="b", priority="medium", due_date="2030-03-01")
    await manager.task(title="a", priority="high", due_date="2030-02-01")
    await manager.task(title="d", priority="low")
    await manager.task(title="c", priority="high", due_date="2030-01-01", completed=True)
    if sort_by == "priority":  # equal ones by creation
        ascending = ["a", "c", "d", "b"]
    assert await manager.titles(f"?sort_by={sort_by}") == ascending
    assert await manager.titles(f"?sort_by={sort_by}&sort_order=desc") == ascending[::-1]


async def test_what_is_completed_comes_last(manager: Manager) -> None:
    await manager.task(title="done", completed=True)
    await manager.task(title="open")
    assert await manager.titles("?sort_by=completed") == ["open", "done"]
    assert await manager.titles("?sort_by=completed&sort_order=desc") == ["done", "open"]


async def test_pages_are_skipped_to(manager: Manager) -> None:
    for title in "abcde":
        await manager.task(title=title)
    assert await manager.titles("?limit=2") == ["a", "b"]
    assert await manager.titles("?skip=2&limit=2") == ["c", "d"]
    assert await manager.titles("?skip=5") == []
    assert await manager.titles(f"?skip={1 << 40}") == []


async def test_a_page_has_a_hundred_at_most(manager: Manager) -> None:
    made = [await manager.task(title=str(n)) for n in range(101)]
    assert await manager.titles() == [task["title"] for task in made[:100]]
    assert await manager.titles("?skip=100") == ["100"]


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("completed=perhaps", "completed", "bool_parsing"),
        ("completed=", "completed", "bool_parsing"),
        ("priority=urgent", "priority", "literal_error"),
        ("overdue=2", "overdue", "bool_parsing"),
        ("created_after=monday", "created_after", "date_from_datetime_parsing"),
        ("sort_by=updated_at", "sort_by", "literal_error"),
        ("sort_order=up", "sort_order", "literal_error"),
        ("skip=-1", "skip", "greater_than_equal"),
        (f"skip={10**30}", "skip", "less_than_equal"),
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=101", "limit", "less_than_equal"),
        ("limit=x", "limit", "int_parsing"),
    ],
)
async def test_what_is_wrong_with_a_question_is_named(
    manager: Manager, query: str, name: str, kind: str
) -> None:
    misses(await manager.ask("GET", f"/tasks?{query}"), "query", name, kind=kind)


@pytest.mark.parametrize("tag", ["ä ö", "a/b", "50%", "'x'"])
async def test_tags_of_any_letters_are_found(manager: Manager, tag: str) -> None:
    task = await manager.task(tags=[tag])
    await manager.task(tags=["other"])
    [found] = (await manager.ask("GET", f"/tasks?tag={quote(tag, safe='')}")).json()
    assert found == task


async def test_both_slash_forms_answer(manager: Manager) -> None:
    task = await manager.task()
    for path in ("/tasks/", f"/tasks/{task['id']}/"):
        assert (await manager.ask("GET", path)).status_code == 200
