"""The first and the last days there are, over HTTP."""

from typing import Any

import httpx
import pytest

from tests.support.app import RunningApp

EAST = "Pacific/Kiritimati"


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


async def ask(served: RunningApp, path: str, ada: dict[str, str]) -> httpx.Response:
    return await served.client.get(f"/v1/{path}", headers=ada)


async def create(served: RunningApp, ada: dict[str, str], **body: Any) -> httpx.Response:
    return await served.client.post("/v1/tasks", json={"title": "a", **body}, headers=ada)


@pytest.mark.parametrize("field", ["start", "due"])
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-14:00",
    ],
)
async def test_an_instant_that_the_database_does_not_know_is_refused(
    served: RunningApp, ada: dict[str, str], field: str, moment: str
) -> None:
    task = (await create(served, ada)).headers["Location"]
    answers = (
        await create(served, ada, **{field: moment}),
        await served.client.patch(task, json={field: moment}, headers=ada),
    )
    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == field


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59Z"],
)
async def test_any_other_is_shown_alike_by_commands_and_queries(
    served: RunningApp, ada: dict[str, str], moment: str
) -> None:
    made = await create(served, ada, due=moment)
    assert made.json()["due"] == moment
    found = await ask(served, f"tasks/{made.json()['id']}", ada)
    assert found.json() == made.json()


@pytest.mark.parametrize("name", ["due_from", "due_to", "created_from", "created_to"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999Z"])
async def test_a_range_may_begin_and_end_with_any_day(
    served: RunningApp, name: str, day: str
) -> None:
    bob = await served.headers()
    await create(served, bob, due="2026-11-20")
    answer = await ask(served, f"tasks?{name}={day}", bob)
    assert answer.status_code == 200, answer.text
    takes_all = name.endswith("from") == day.startswith("0001")
    assert bool(answer.json()["items"]) == takes_all


async def test_in_the_future_a_task_is_as_it_is_now(
    served: RunningApp, ada: dict[str, str]
) -> None:
    space = {"name": "East", "time_zone": EAST}
    made = await served.client.post("/v1/workspaces", json=space, headers=ada)
    task = (await create(served, ada, workspace=made.json()["id"], due="9999-12-30")).json()
    answer = await ask(served, f"tasks/{task['id']}/as-of?moment=9999-12-31T23:59:59Z", ada)
    assert answer.status_code == 200, answer.text
    assert answer.json() == task
