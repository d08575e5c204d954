"""Dates and instants over HTTP: how they are written, and the first and the last of them."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from events.refusals import Invalid
from gateway.resources.tasks import moment_in
from tests.support.app import RunningApp

EAST = "Pacific/Kiritimati"


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


async def ask(served: RunningApp, path: str, ada: dict[str, str]) -> httpx.Response:
    return await served.client.get(f"/v1/{path}", headers=ada)


async def create(served: RunningApp, ada: dict[str, str], **body: Any) -> httpx.Response:
    return await served.client.post("/v1/tasks", json={"title": "a", **body}, headers=ada)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-01", date(2024, 1, 1)),
        ("2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("2024-01-01t10:00:00z", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("2024-01-01T10:00:00.25-05:30", datetime(2024, 1, 1, 15, 30, 0, 250_000, tzinfo=UTC)),
        ("2024-01-01T10:00:00.123456789+00:00", datetime(2024, 1, 1, 10, 0, 0, 123_456, UTC)),
    ],
)
def test_a_moment_is_written_as_rfc_3339_has_it(text: str, moment: date | datetime) -> None:
    assert moment_in(text, "due") == moment


@pytest.mark.parametrize(
    "text",
    [
        *("2024-W01-1", "2024-W01", "20240101", "2024-001", "2024-01", "2024-1-1", "24-01-01"),
        *("2024-02-30", "２０２４-01-01", "2024-01-01\n", "today", ""),
        *("2024-01-01T10", "2024-01-01T10:00", "2024-01-01T10:00:00", "20240101T100000"),
        *("2024-01-01T10Z", "2024-01-01T10:00Z", "20240101T100000Z", "2024-W01-1T10:00:00Z"),
        *("2024-01-01 10:00:00Z", "2024-01-01_10:00:00Z", "2024-01-01T100000Z"),
        *("2024-01-01T10:00:00,5Z", "2024-01-01T10:00:00.Z", "2024-01-01T24:00:00Z"),
        *("2024-01-01T10:00:00+01", "2024-01-01T10:00:00+0100", "2024-01-01T10:00:00+01:00:30"),
        *("2024-01-01T10:00:00+25:00", "2024-01-01T10:00:00 01:00", "2024-01-01T10:00:00UTC"),
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        moment_in(text, "due")
    assert refused.value.field == "due"


@pytest.mark.parametrize("text", ["2024-W01-1", "2024-01-01T10Z"])
async def test_another_form_is_a_422_wherever_a_moment_stands(
    served: RunningApp, ada: dict[str, str], text: str
) -> None:
    task = (await create(served, ada)).headers["Location"]
    answers = [
        ("start", await create(served, ada, start=text)),
        ("due", await served.client.patch(task, json={"due": text}, headers=ada)),
        ("moment", await served.client.get(f"{task}/as-of?moment={text}", headers=ada)),
    ]
    for path, name in (
        *(("tasks", name) for name in ("due_from", "due_to", "created_from", "created_to")),
        *((noun, name) for noun in ("notes", "posts") for name in ("created_from", "created_to")),
        *(("analytics/trends", name) for name in ("from", "to")),
    ):
        answers.append((name, await ask(served, f"{path}?{name}={text}", ada)))
    for name, answer in answers:
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == name


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
