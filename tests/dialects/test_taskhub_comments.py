"""TaskHub's comments, row by row."""

from uuid import uuid4

import pytest

from tests.support.app import RunningApp
from tests.support.hub import Hub

COMMENT = {
    *("id", "content", "content_html", "task_id", "user_id", "author", "is_deleted"),
    *("created_at", "updated_at"),
}


async def test_a_comment_is_rendered_and_stands_in_its_task(hub: Hub) -> None:
    task = await hub.task()
    path = f"/tasks/{task['id']}/comments"
    answer = await hub.ask("POST", path, {"content": "**Done** [x](javascript:1)"})
    assert answer.status_code == 201
    comment = answer.json()
    assert comment.keys() == COMMENT
    assert "<strong>Done</strong>" in comment["content_html"]
    assert "javascript:" not in comment["content_html"].replace("[x](javascript:1)", "")
    assert (comment["author"], comment["is_deleted"]) == (hub.user, False)
    second = (await hub.ask("POST", path, {"content": "two"})).json()
    assert (await hub.ask("GET", path)).json() == [comment, second]
    assert (await hub.ask("GET", f"/tasks/{task['id']}")).json()["comments"] == [comment, second]


async def test_only_its_author_changes_or_deletes_a_comment(hub: Hub, colleague: Hub) -> None:
    task = await hub.task()
    path = f"/tasks/{task['id']}/comments"
    own = f"{path}/{(await hub.ask('POST', path, {'content': 'one'})).json()['id']}"
    for method, body in (("PUT", {"content": "mine"}), ("DELETE", None)):
        answer = await colleague.ask(method, own, body)
        assert (answer.status_code, answer.json()["detail"]) == (403, "Not authorized")
    changed = await hub.ask("PUT", own, {"content": "other"})
    assert (changed.status_code, changed.json()["content"]) == (200, "other")
    assert (await hub.ask("DELETE", own)).status_code == 204
    gone = await hub.ask("PUT", own, {"content": "again"})
    assert (gone.status_code, gone.json()["detail"]) == (404, "Comment not found")
    assert (await hub.ask("GET", path)).json() == []


async def test_comments_of_nothing_are_none_and_cannot_be_written(hub: Hub) -> None:
    path = f"/tasks/{uuid4()}/comments"
    assert (await hub.ask("GET", path)).json() == []
    assert (await hub.ask("POST", path, {"content": "x"})).status_code == 404


@pytest.mark.parametrize("content", ["", "a" * 5001])
async def test_a_comment_has_a_bounded_length(hub: Hub, content: str) -> None:
    path = f"/tasks/{(await hub.task())['id']}/comments"
    answer = await hub.ask("POST", path, {"content": content})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "content"]


async def test_the_comments_of_a_deleted_task_are_gone_with_it(hub: Hub) -> None:
    task = await hub.task()
    path = f"/tasks/{task['id']}/comments"
    own = f"{path}/{(await hub.ask('POST', path, {'content': 'one'})).json()['id']}"
    await hub.ask("DELETE", f"/tasks/{task['id']}")
    assert (await hub.ask("GET", path)).json() == []
    missing = await hub.ask("POST", path, {"content": "two"})
    assert (missing.status_code, missing.json()["detail"]) == (404, "Task not found")
    for method, body in (("PUT", {"content": "mine"}), ("DELETE", None)):
        answer = await hub.ask(method, own, body)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Comment not found")


async def test_comments_in_other_workspaces_are_not_shown(system: RunningApp, hub: Hub) -> None:
    """Not even one's own: TaskHub is the shared workspace and nothing else."""
    headers = {"Authorization": f"Bearer {hub.token}"}
    mine = await system.client.post("/v1/tasks", json={"title": "mine"}, headers=headers)
    native = f"/v1/tasks/{mine.json()['id']}/comments"
    added = await system.client.post(native, json={"content": "private"}, headers=headers)
    assert added.status_code == 201
    path = f"/tasks/{mine.json()['id']}/comments"
    assert (await hub.ask("GET", path)).json() == []
    assert (await hub.ask("DELETE", f"{path}/{added.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "name"), [("7/comments/{}", "task_id"), ("{}/comments/7", "comment_id")]
)
async def test_a_bad_id_of_a_comment_names_its_place(hub: Hub, path: str, name: str) -> None:
    answer = await hub.ask("DELETE", f"/tasks/{path.format(uuid4())}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", name]
