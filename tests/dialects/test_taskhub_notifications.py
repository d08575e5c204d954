"""TaskHub's notifications, row by row."""

from uuid import uuid4

import pytest

from tests.support.hub import Hub

NOTIFICATION = {"id", "user_id", "task_id", "type", "title", "message", "is_read", "created_at"}


async def test_who_is_assigned_and_commented_on_is_told(hub: Hub, colleague: Hub) -> None:
    """And nobody is told of what they did themselves."""
    task = await hub.task(title="Plan", assigned_to=colleague.user["id"])
    await hub.ask("POST", f"/tasks/{task['id']}/comments", {"content": "so?"})
    answer = await colleague.ask("GET", "/notifications/")
    assert answer.status_code == 200
    assert answer.json().keys() == {"notifications", "unread_count"}
    commented, assigned = answer.json()["notifications"]
    assert answer.json()["unread_count"] == 2
    assert commented.keys() == NOTIFICATION
    assert (assigned["type"], assigned["title"]) == ("task_assigned", "Task Assigned: Plan")
    assert assigned["message"] == f"{hub.user['full_name']} assigned you the task 'Plan'."
    assert (commented["type"], commented["title"]) == ("comment_added", "New Comment: Plan")
    assert commented["message"] == f"{hub.user['full_name']} commented on 'Plan'."
    assert (assigned["task_id"], assigned["user_id"]) == (task["id"], colleague.user["id"])
    assert (await hub.ask("GET", "/notifications")).json()["notifications"] == []


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_one_is_marked_as_read(hub: Hub, colleague: Hub, method: str) -> None:
    await hub.task(assigned_to=colleague.user["id"])
    [told] = (await colleague.ask("GET", "/notifications")).json()["notifications"]
    path = f"/notifications/{told['id']}/read"
    answer = await colleague.ask(method, path)
    assert (answer.status_code, answer.json()) == (200, {**told, "is_read": True})
    assert (await colleague.ask("GET", "/notifications")).json()["unread_count"] == 0
    foreign = await hub.ask(method, path)
    assert (foreign.status_code, foreign.json()["detail"]) == (404, "Notification not found")
    assert (await hub.ask(method, f"/notifications/{uuid4()}/read")).status_code == 404


async def test_all_are_marked_as_read(hub: Hub, colleague: Hub) -> None:
    for _ in range(2):
        await hub.task(assigned_to=colleague.user["id"])
    answer = await colleague.ask("POST", "/notifications/read-all")
    assert answer.json() == {"status": "ok", "message": "All notifications marked as read"}
    told = (await colleague.ask("GET", "/notifications?limit=1")).json()
    assert (told["unread_count"], len(told["notifications"])) == (0, 1)
    assert (await colleague.ask("GET", "/notifications?limit=101")).status_code == 422


async def test_what_is_overdue_is_told_to_whom_it_concerns(hub: Hub, colleague: Hub) -> None:
    """Also to who asks, for nobody makes a task overdue."""
    late = {"due_date": "2020-01-01T00:00:00Z"}
    for assignee, told in ((colleague, colleague), (None, hub)):
        task = await hub.task(**late, assigned_to=assignee.user["id"] if assignee else None)
        answer = await hub.ask("POST", f"/tasks/{task['id']}/notify-overdue")
        assert answer.status_code == 200
        notification = answer.json()
        assert notification.keys() == NOTIFICATION
        assert (notification["type"], notification["title"]) == (
            "task_overdue",
            "Task Overdue: Plan",
        )
        expected = "Task 'Plan' is past its due date. Please take action."
        assert (notification["message"], notification["is_read"]) == (expected, False)
        assert (notification["user_id"], notification["task_id"]) == (told.user["id"], task["id"])
        [newest, *_] = (await told.ask("GET", "/notifications")).json()["notifications"]
        assert newest == notification


async def test_only_what_is_overdue_is_told_to_be(hub: Hub) -> None:
    for fields in (
        {},
        {"due_date": "2999-01-01T00:00:00Z"},
        {"due_date": "2020-01-01T00:00:00Z", "status": "completed"},
    ):
        answer = await hub.ask("POST", f"/tasks/{(await hub.task(**fields))['id']}/notify-overdue")
        assert (answer.status_code, answer.json()["detail"]) == (400, "Task is not overdue")
    answer = await hub.ask("POST", f"/tasks/{uuid4()}/notify-overdue")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Task not found")
    assert (await hub.ask("POST", "/tasks/7/notify-overdue")).status_code == 422


async def test_a_notification_needs_a_good_id(hub: Hub) -> None:
    answer = await hub.ask("PUT", "/notifications/7/read")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "notification_id"]
