"""The Todo backend's lists and tags: filters, orders, pages, and the words of its own menus."""

from typing import Any
from uuid import UUID

import pytest

from commands.tasks import StartTask
from gateway.dialects.todo.listing import sorting, statuses
from gateway.dialects.todo.wire import TaskQuery
from tests.support.app import RunningApp
from tests.support.taskmanager import misses
from tests.support.todo import TASK, Todo, otherwise


async def test_a_list_is_wrapped_and_says_how_much_there_is(todo: Todo) -> None:
    for number in range(3):
        await todo.task(title=f"{number}")
    page = await todo.listed("?limit=2")
    assert (page["total"], page["limit"], page["offset"]) == (3, 2, 0)
    assert [task["title"] for task in page["tasks"]] == ["2", "1"]
    assert all(task.keys() == TASK for task in page["tasks"])
    rest = await todo.listed("?limit=2&offset=2")
    assert (rest["total"], rest["limit"], rest["offset"]) == (3, 2, 2)
    assert [task["title"] for task in rest["tasks"]] == ["0"]
    beyond = await todo.listed("?offset=9007199254740993")
    assert (beyond["tasks"], beyond["total"]) == ([], 3)


async def test_somebody_new_has_nothing_yet(todo: Todo) -> None:
    assert await todo.listed() == {"tasks": [], "total": 0, "limit": 50, "offset": 0}
    assert (await todo.ask("GET", "/tags")).json() == []


async def test_nobody_lists_what_is_somebody_elses(todo: Todo, system: RunningApp) -> None:
    await Todo(system.client).task(tags=["theirs"])
    mine = await todo.task()
    assert (await todo.listed())["tasks"] == [mine]
    assert (await todo.ask("GET", "/tags")).json() == []


async def test_lists_are_filtered(todo: Todo, system: RunningApp) -> None:
    work = await todo.task(title="Write a Letter", tags=["work", "mail"], priority="High")
    home = await todo.task(title="Cook", description="100% letter soup", tags=["home"])
    done = await todo.task(title="Rest", priority="Low")
    begun = await todo.task(title="Begun")
    await todo.ask("PATCH", f"/tasks/{done['id']}", {"completed": True})
    await otherwise(system.app, todo, StartTask(stream=UUID(begun["id"])))
    titles = {"work": work["title"], "home": home["title"], "done": "Rest", "begun": "Begun"}
    for query, expected in {
        "?completed=true": {"done"},
        "?completed=false": {"work", "home", "begun"},
        "?completed=1": {"done"},
        "?search=LETTER": {"work", "home"},
        "?search=100%25": {"home"},
        "?search=%25": {"home"},
        "?search=": {"work", "home", "done", "begun"},
        "?priority=High": {"work"},
        "?priority=all": {"work", "home", "done", "begun"},
        "?priority=high": {"work", "home", "done", "begun"},
        "?priority=urgent": {"work", "home", "done", "begun"},
        "?tags=work": {"work"},
        "?tags=mail&tags=home": {"work", "home"},
        "?tags=Work": set(),
        "?status=Completed": {"done"},
        "?status=Pending": {"work", "home", "begun"},
        "?status=all": {"work", "home", "done", "begun"},
        "?status=Completed&completed=false": {"work", "home", "begun"},
        "?colour=red": {"work", "home", "done", "begun"},
        "?priority=High&tags=home": set(),
    }.items():
        page = await todo.listed(query)
        found = {task["title"] for task in page["tasks"]}
        assert (query, found) == (query, {titles[name] for name in expected})
        assert page["total"] == len(expected)


async def test_lists_are_sorted(todo: Todo) -> None:
    for title, priority, due in (
        ("b", "Low", "2999-02-01"),
        ("a", "High", None),
        ("c", "Medium", "2999-01-01"),
    ):
        await todo.task(title=title, priority=priority, due_date=due)
    last = (await todo.listed())["tasks"][-1]
    await todo.ask("PATCH", f"/tasks/{last['id']}", {"description": "new"})
    for query, expected in {
        "": "cab",
        "?sort_by=created_at&sort_direction=asc": "bac",
        "?sort_by=size": "cab",
        "?sort_direction=asc": "bac",
        "?sort_direction=ascending": "cab",
        "?sort_by=updated_at": "bca",
        "?sort_by=title": "cba",
        "?sort_by=title&sort_direction=asc": "abc",
        "?sort_by=due_date": "abc",  # what has none is first on the way down
        "?sort_by=due_date&sort_direction=asc": "cba",
        "?sort_by=priority": "bca",  # High, Medium, Low was the order of the words there
        "?sort_by=priority&sort_direction=asc": "acb",
        "?sort_by=created_newest": "cab",
        "?sort_by=created_oldest": "bac",
        "?sort_by=due_date_soonest": "cba",
        "?sort_by=priority_high_low": "acb",
        "?sort_by=alphabetical_az&sort_direction=desc": "abc",
    }.items():
        assert (query, "".join(await todo.titles(query))) == (query, expected)


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=101", "limit", "less_than_equal"),
        ("limit=many", "limit", "int_parsing"),
        ("offset=-1", "offset", "greater_than_equal"),
        ("completed=maybe", "completed", "bool_parsing"),
    ],
)
async def test_a_bad_query_names_its_parameter(
    todo: Todo, query: str, name: str, kind: str
) -> None:
    misses(await todo.ask("GET", f"/tasks?{query}"), "query", name, kind=kind)


async def test_tags_are_listed_by_name_with_their_uses(todo: Todo) -> None:
    await todo.task(tags=["work", "Work", "work", " work "])
    two = await todo.task(tags=["work", "home", "", "  "])
    listed: list[dict[str, Any]] = (await todo.ask("GET", "/tags?search=x&limit=1")).json()
    assert listed == [
        {"name": " work ", "usage_count": 1},
        {"name": "Work", "usage_count": 1},
        {"name": "home", "usage_count": 1},
        {"name": "work", "usage_count": 2},
    ]
    await todo.ask("DELETE", f"/tasks/{two['id']}")
    left = {tag["name"]: tag["usage_count"] for tag in (await todo.ask("GET", "/tags")).json()}
    assert left == {" work ": 1, "Work": 1, "home": 0, "work": 1}


async def test_the_same_tag_is_one_tag_however_many_tasks_have_it_at_once(todo: Todo) -> None:
    one, other = await todo.task(tags=["a", "b"]), await todo.task(tags=["b", "a"])
    assert one["tags"] == other["tags"] == ["a", "b"]
    assert (await todo.ask("GET", "/tags")).json() == [
        {"name": "a", "usage_count": 2},
        {"name": "b", "usage_count": 2},
    ]


def test_a_menus_word_says_its_direction_itself() -> None:
    assert sorting("due_date_soonest", "desc") == ("due", "asc")
    assert sorting("priority", "asc") == ("priority", "desc")
    assert sorting("priority", "DESC") == ("priority", "asc")
    assert sorting("nothing", "asc") == ("created_at", "asc")


def test_the_plain_parameter_counts_more_than_the_menus() -> None:
    assert statuses(TaskQuery(completed=True, status="Pending")) == ("completed",)
    assert statuses(TaskQuery(status="pending")) == ()
