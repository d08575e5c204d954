"""TaskHub's analytics, row by row."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.support.hub import Hub

STATUSES = {"todo", "in_progress", "completed", "overdue"}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LATE = {"due_date": "2020-01-01T00:00:00Z"}


async def overview(hub: Hub) -> dict[str, Any]:
    answer = await hub.ask("GET", "/analytics/overview")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_overview_counts_what_everybody_has(hub: Hub, colleague: Hub) -> None:
    before = await overview(hub)
    assert before.keys() == {"total_tasks", *STATUSES, "by_priority", "by_status"}
    await colleague.task(priority="urgent", status="in_progress")
    await colleague.task(priority="low", **LATE)
    await hub.ask("DELETE", f"/tasks/{(await hub.task())['id']}")
    after = await overview(hub)
    added = {"todo": 0, "in_progress": 1, "completed": 0, "overdue": 1}
    assert after["by_status"] == {
        name: count + added[name] for name, count in before["by_status"].items()
    }
    assert {name: after[name] for name in STATUSES} == after["by_status"]
    assert after["total_tasks"] == before["total_tasks"] + 2
    expected = Counter(before["by_priority"]) + Counter(urgent=1, low=1)
    assert after["by_priority"] == expected
    assert all(after["by_priority"].values())


async def test_performance_is_one_row_a_person(hub: Hub, colleague: Hub) -> None:
    await hub.ask("PUT", "/auth/me", {"full_name": "Grace"})
    mine = {"assigned_to": hub.user["id"]}
    for fields in ({"status": "completed"}, {"status": "in_progress"}, {}):
        await hub.task(**mine, **fields)
    rows = (await hub.ask("GET", "/analytics/performance")).json()
    users = (await hub.ask("GET", "/auth/users")).json()
    assert [row["user_id"] for row in rows] == [user["id"] for user in users]
    by_user = {row["user_id"]: row for row in rows}
    assert by_user[hub.user["id"]] == {
        "user_id": hub.user["id"],
        "username": hub.user["username"],
        "full_name": "Grace",
        "total_assigned": 3,
        "completed": 1,
        "in_progress": 1,
        "completion_rate": 33.3,
    }
    assert by_user[colleague.user["id"]]["completion_rate"] == 0.0


async def test_trends_have_a_row_a_day_up_to_today(hub: Hub) -> None:
    before = (await hub.ask("GET", "/analytics/trends")).json()
    assert len(before) == 30
    await hub.task(status="completed")
    days = (await hub.ask("GET", "/analytics/trends?days=7")).json()
    today = datetime.now(UTC).date()
    expected = [today - timedelta(days=6 - n) for n in range(7)]
    assert [date.fromisoformat(day["date"]) for day in days] == expected
    assert all(day.keys() == {"date", "created", "completed"} for day in days)
    assert days[-1]["created"] == before[-1]["created"] + 1
    assert days[-1]["completed"] == before[-1]["completed"] + 1


@pytest.mark.parametrize("days", ["6", "366", "many"])
async def test_trends_span_a_week_to_a_year(hub: Hub, days: str) -> None:
    answer = await hub.ask("GET", f"/analytics/trends?days={days}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "days"]


async def test_the_export_reads_back_as_it_was(hub: Hub) -> None:
    """What begins like a formula stays text, and dates are dates."""
    first = await hub.task(title="=1+1", description="+text", **LATE)
    second = await hub.task(title="plain", priority="high")
    answer = await hub.ask("GET", "/analytics/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, SHEET)
    assert answer.headers["content-disposition"] == "attachment; filename=tasks_export.xlsx"
    [sheet] = load_workbook(BytesIO(answer.content)).worksheets
    assert sheet.title == "Tasks"
    header, newest, next_one, *_ = sheet.iter_rows()
    assert [cell.value for cell in header] == [
        *("ID", "Title", "Description", "Status", "Priority", "Due Date", "Created At")
    ]
    assert [cell.value for cell in newest[:6]] == [
        second["id"],
        "plain",
        None,
        "todo",
        "high",
        None,
    ]
    assert [cell.value for cell in next_one[:6]] == [
        *(first["id"], "=1+1", "+text", "overdue", "medium", datetime.fromisoformat("2020-01-01"))
    ]
    assert next_one[1].data_type == "s"
    created = datetime.fromisoformat(first["created_at"]).replace(tzinfo=None)
    shown = next_one[6].value
    assert isinstance(shown, datetime)
    assert abs(shown - created) < timedelta(seconds=1)


@pytest.mark.parametrize("name", ["overview", "performance", "trends", "export"])
async def test_analytics_need_a_token(hub: Hub, name: str) -> None:
    stranger = Hub(hub.client, hub.user, "nonsense")
    answer = await stranger.ask("GET", f"/analytics/{name}")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Could not validate credentials")
