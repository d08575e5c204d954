"""Task Manager's tags: each task's own list, as it was sent."""

import asyncio
from urllib.parse import quote

import pytest

from tests.support.taskmanager import Manager, misses, says


def not_there(number: int, tag: str) -> dict[str, object]:
    message = f"Tag '{tag}' not found on task {number}"
    return {"error": "Tag Not Found", "message": message, "task_id": number, "tag": tag}


async def test_a_list_is_kept_in_its_order_and_case_and_with_what_is_in_it_twice(
    manager: Manager,
) -> None:
    given = ["work", "Work", "home", "work", "WORK"]
    task = await manager.task(tags=given)
    assert task["tags"] == given
    [listed] = (await manager.ask("GET", "/tasks")).json()
    assert listed["tags"] == given


async def test_another_task_may_spell_it_otherwise(manager: Manager) -> None:
    first, second = await manager.task(tags=["Work"]), await manager.task(tags=["work"])
    assert (first["tags"], second["tags"]) == (["Work"], ["work"])


async def test_tags_are_replaced_as_they_are_sent(manager: Manager) -> None:
    task = await manager.task(tags=["a", "b", "c"])
    for tags in (["c", "a"], ["a", "c", "a"], [" a ", "c"], [], ["b", "a"]):
        answer = await manager.ask("PATCH", f"/tasks/{task['id']}", {"tags": tags})
        assert answer.json()["tags"] == tags
        assert (await manager.ask("GET", f"/tasks/{task['id']}")).json()["tags"] == tags


async def test_tags_are_added_by_a_bare_list(manager: Manager) -> None:
    task = await manager.task(tags=["a"])
    path = f"/tasks/{task['id']}/tags"
    answer = await manager.ask("POST", path, ["b", "a", "b", "A"])
    assert answer.status_code == 200
    assert answer.json() == {**task, "tags": ["a", "b", "A"]}
    assert (await manager.ask("POST", path, [])).json()["tags"] == ["a", "b", "A"]
    assert (await manager.ask("POST", path, ["a"])).json()["tags"] == ["a", "b", "A"]


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        ({"tag": "a"}, [], "list_type"),
        ("a", [], "list_type"),
        (["a", 1], [1], "string_type"),
    ],
)
async def test_what_is_no_list_of_texts_is_refused(
    manager: Manager, body: object, loc: list[int], kind: str
) -> None:
    task = await manager.task()
    answer = await manager.ask("POST", f"/tasks/{task['id']}/tags", body)
    misses(answer, "body", *loc, kind=kind)


async def test_a_tag_is_taken_off_once_and_the_task_shown(manager: Manager) -> None:
    task = await manager.task(tags=["urgent", "important", "urgent"])
    path = f"/tasks/{task['id']}/tags"
    answer = await manager.ask("DELETE", f"{path}/urgent")
    assert (answer.status_code, answer.json()) == (200, {**task, "tags": ["important", "urgent"]})
    assert (await manager.ask("DELETE", f"{path}/urgent")).json()["tags"] == ["important"]
    answer = await manager.ask("DELETE", f"{path}/urgent")
    says(answer, 404, not_there(task["id"], "urgent"))


@pytest.mark.parametrize("tag", ["Urgent", "elsewhere", "nowhere", "ä ö?#"])
async def test_a_tag_that_is_not_on_it_is_not_found(manager: Manager, tag: str) -> None:
    await manager.task(tags=["elsewhere"])
    task = await manager.task(tags=["urgent"])
    answer = await manager.ask("DELETE", f"/tasks/{task['id']}/tags/{quote(tag, safe='')}")
    says(answer, 404, not_there(task["id"], tag))


@pytest.mark.parametrize("tag", ["ä ö?#", "50%", " x ", "'", "日本"])
async def test_a_tag_of_any_letters_is_taken_off(manager: Manager, tag: str) -> None:
    task = await manager.task()
    path = f"/tasks/{task['id']}/tags"
    assert (await manager.ask("POST", path, [tag])).json()["tags"] == [tag]
    answer = await manager.ask("DELETE", f"{path}/{quote(tag, safe='')}")
    assert (answer.status_code, answer.json()["tags"]) == (200, [])


async def test_of_an_unknown_task_it_is_the_task_that_is_not_found(manager: Manager) -> None:
    message = "Task with ID 99999 not found"
    body = {"error": "Task Not Found", "message": message, "task_id": 99999}
    says(await manager.ask("POST", "/tasks/99999/tags", ["a"]), 404, body)
    says(await manager.ask("DELETE", "/tasks/99999/tags/a"), 404, body)


async def test_a_task_has_fifty_tags_at_most(manager: Manager) -> None:
    many = [f"t{n}" for n in range(51)]
    misses(await manager.ask("POST", "/tasks", {"title": "x", "tags": many}), "body", "tags")
    task = await manager.task(tags=many[:50])
    assert task["tags"] == many[:50]
    misses(await manager.ask("POST", f"/tasks/{task['id']}/tags", ["one more"]), "body", "tags")


async def test_a_tag_has_a_length(manager: Manager) -> None:
    long = "é" * 500
    assert (await manager.task(tags=[long]))["tags"] == [long]
    assert await manager.titles() == ["Plan"]
    misses(await manager.ask("POST", "/tasks", {"title": "x", "tags": ["a" * 501]}), "body", "tags")


async def test_the_same_new_tag_can_be_put_on_many_tasks_at_once(manager: Manager) -> None:
    tasks = await asyncio.gather(*(manager.task(tags=["new", "newer"]) for _ in range(10)))
    assert all(task["tags"] == ["new", "newer"] for task in tasks)
    stats = (await manager.ask("GET", "/tasks/stats")).json()
    assert stats["by_tag"] == {"new": 10, "newer": 10}


async def test_tags_that_are_added_at_once_are_all_there(manager: Manager) -> None:
    path = f"/tasks/{(await manager.task())['id']}/tags"
    answers = await asyncio.gather(*(manager.ask("POST", path, [str(n)]) for n in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    [task] = (await manager.ask("GET", "/tasks")).json()
    assert sorted(task["tags"]) == list("01234")
