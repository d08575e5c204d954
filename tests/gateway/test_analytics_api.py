"""Analytics over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing

Json = dict[str, Any]


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def a_team(api: httpx.AsyncClient) -> tuple[Person, Person, str]:
    """Ada and Eve, with five tasks: one late, one begun, one done, two to do of which one is
    Eve's; and one that was deleted."""
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    late = {"title": "Late", "due": "2020-01-01", "priority": "urgent"}
    bodies: list[Json] = [
        late,
        {"title": "Begun"},
        {"title": "Done", "tags": ["Red"]},
        {"title": "Open"},
    ]
    for body in [*bodies, {"title": "Hers", "assignee": eve.id}, {"title": "Gone"}]:
        task = await ada.made("/v1/tasks", {"workspace": home, "assignee": ada.id, **body})
        match task["title"]:
            case "Begun":
                await ada.ask("POST", f"/v1/tasks/{task['id']}/start")
            case "Done":
                await ada.ask("POST", f"/v1/tasks/{task['id']}/start")
                await ada.ask("POST", f"/v1/tasks/{task['id']}/complete")
            case "Gone":
                await ada.ask("DELETE", f"/v1/tasks/{task['id']}")
    return ada, eve, home


async def asked(person: Person, path: str) -> Json:
    answer = await person.ask("GET", f"/v1/analytics/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Tasktrail-Position"]
    found: Json = answer.json()
    return found


async def test_what_a_team_did(api: httpx.AsyncClient) -> None:
    ada, eve, home = await a_team(api)
    found = await asked(ada, f"overview?workspace={home}")
    assert found["by_status"] == {"todo": 2, "in_progress": 1, "completed": 1, "overdue": 1}
    assert found["by_priority"] == {"low": 0, "medium": 4, "high": 0, "urgent": 1}
    assert (found["total_tasks"], found["completion_rate"]) == (5, 20.0)
    assert [(tag["name"], tag["tasks"]) for tag in found["by_tag"]] == [("Red", 1)]
    assert [(who["account"], who["tasks"]) for who in found["by_assignee"]] == [
        (ada.id, 4),
        (eve.id, 1),
    ]
    members = (await asked(eve, f"performance?workspace={home}&min_position=head"))["items"]
    assert [(each["full_name"], each["assigned"], each["completed"]) for each in members] == [
        ("Ada", 4, 1),
        ("Eve", 1, 0),
    ]
    assert members[0]["completion_rate"] == 25.0
    assert members[0]["cycle_time"]["tasks"] == members[0]["work_time"]["tasks"] == 1
    flow = await asked(ada, f"throughput?workspace={home}&by=day")
    assert [day["completed"] for day in flow["items"]][-1] == 1
    assert len(flow["items"]) == 84
    assert flow["open"]["tasks"] == 4
    times = await asked(ada, f"cycle-time?workspace={home}")
    assert times["times"]["cycle_time"]["tasks"] == 1
    assert sum(week["cycle_time"]["tasks"] for week in times["times"]["by_week"]) == 1


async def test_days_begin_where_the_caller_lives(api: httpx.AsyncClient) -> None:
    ada, _, home = await a_team(api)
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        found = await asked(ada, f"trends?workspace={home}&zone={zone}")
        assert len(found["items"]) == 30
        assert found["window"]["zone"] == zone
        assert found["items"][-1]["date"] == found["window"]["to"]
        assert (found["items"][-1]["created"], found["items"][-1]["completed"]) == (5, 1)
    moved = await ada.ask("PATCH", f"/v1/workspaces/{home}", {"time_zone": "Asia/Tokyo"})
    assert moved.status_code == 200
    found = await asked(ada, f"trends?workspace={home}")
    assert found["window"]["zone"] == "Asia/Tokyo"


async def test_days_begin_where_the_profile_says_unless_another_zone_is_asked_for(
    api: httpx.AsyncClient,
) -> None:
    ada, eve, home = await a_team(api)
    await ada.ask("PATCH", "/v1/me", {"time_zone": "Pacific/Kiritimati"})
    for question in ("trends", f"trends?workspace={home}"):
        assert (await asked(ada, question))["window"]["zone"] == "Pacific/Kiritimati"
        assert (await asked(eve, question))["window"]["zone"] == "UTC"
    found = await asked(ada, "trends?zone=Asia/Tokyo")
    assert found["window"]["zone"] == "Asia/Tokyo"


async def test_a_past_window_shows_what_was_then(api: httpx.AsyncClient) -> None:
    ada, _, home = await a_team(api)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    then = f"workspace={home}&zone=UTC&from=2020-01-01&to={yesterday}"
    assert (await asked(ada, f"overview?{then}"))["total_tasks"] == 0
    assert {each["assigned"] for each in (await asked(ada, f"performance?{then}"))["items"]} == {0}
    days = (await asked(ada, f"trends?{then}"))["items"]
    assert {(day["created"], day["completed"]) for day in days} == {(0, 0)}
    since = f"workspace={home}&zone=UTC&from={yesterday}"
    assert (await asked(ada, f"overview?{since}"))["total_tasks"] == 5


async def test_only_members_may_ask(api: httpx.AsyncClient) -> None:
    _, _, home = await a_team(api)
    stranger = await register(api, "mallory")
    assert (await asked(stranger, "overview"))["total_tasks"] == 0
    for path in ("overview", "performance", "trends", "cycle-time", "throughput"):
        answer = await stranger.ask("GET", f"/v1/analytics/{path}?workspace={home}")
        assert (answer.status_code, answer.json()["field"]) == (404, "workspace")
        assert (await api.get(f"/v1/analytics/{path}")).status_code == 401


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("zone=Mars/Base", "zone"),
        ("from=yesterday", "from"),
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("to=2026-13-01", "to"),
        ("from=the-day-before-yesterday", "from"),
        ("workspace=7", "workspace"),
    ],
)
async def test_bad_questions_are_refused_by_name(
    api: httpx.AsyncClient, asked: str, field: str
) -> None:
    ada = await register(api, "ada")
    for path in ("overview", "performance", "trends", "cycle-time", "throughput"):
        answer = await ada.ask("GET", f"/v1/analytics/{path}?{asked}")
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


async def test_whoever_asks_for_an_image_gets_a_chart(api: httpx.AsyncClient) -> None:
    ada, _, home = await a_team(api)
    for path in ("overview", "performance", "trends", "cycle-time", "throughput"):
        place = f"/v1/analytics/{path}?workspace={home}"
        drawn = await ada.ask("GET", place, Accept="image/svg+xml")
        assert (drawn.status_code, drawn.headers["Content-Type"].partition(";")[0]) == (
            200,
            "image/svg+xml",
        )
        assert ET.fromstring(drawn.text).tag == "{http://www.w3.org/2000/svg}svg"
        either = await ada.ask("GET", place, Accept="text/html,*/*;q=0.8")
        assert either.headers["Content-Type"].startswith("application/json")
        assert "Accept" in either.headers["Vary"]
    empty = await (await register(api, "nobody")).ask(
        "GET", "/v1/analytics/cycle-time", Accept="image/svg+xml"
    )
    assert empty.text.startswith("<svg")
