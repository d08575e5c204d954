"""The live stream as server-sent events."""

from uuid import uuid4

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.streaming import Person, person, sent_by


@pytest.fixture
async def ada(served: RunningApp) -> Person:
    return await person(served)


async def test_what_happens_arrives_with_its_type_and_where_to_resume(
    served: RunningApp, ada: Person
) -> None:
    async with sent_by(served, ada.token) as stream:
        hello = await stream.heard("hello")
        await stream.heard("live")
        assert stream.retry == 2_000
        assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.answer.headers["Cache-Control"] == "no-store, no-transform"
        assert "X-Request-Id" in stream.answer.headers
        position = await ada.adds("line one")
        event = await stream.heard("task.created")
        assert event["position"] == position
        assert stream.last_id == f"{position}@{hello['log']}"


async def test_the_last_id_is_where_it_goes_on(served: RunningApp, ada: Person) -> None:
    start = await ada.adds()
    async with sent_by(served, ada.token, [("after", start)]) as stream:
        made = [await ada.adds() for _ in range(3)]
        await stream.heard("task.created", 3)
        last_id = stream.last_id
    made += [await ada.adds() for _ in range(3)]
    headers = {"Last-Event-ID": last_id}
    async with sent_by(served, ada.token, [("after", start)], **headers) as again:
        made.append(await ada.adds())
        await again.reached(made[-1])
        assert stream.positions + again.positions == made


async def test_filters_leave_out_the_rest(served: RunningApp, ada: Person) -> None:
    team = await ada.opens_workspace()
    async with sent_by(served, ada.token, [("workspace", team), ("noun", "task")]) as stream:
        await stream.heard("live")
        await ada.adds("elsewhere")
        await ada.does("PATCH", f"/v1/workspaces/{team}", name="Renamed")
        position = await ada.adds("here", team)
        await stream.reached(position)
        assert stream.positions == [position]


async def test_the_end_of_the_session_is_told(served: RunningApp, ada: Person) -> None:
    async with sent_by(served, ada.token) as stream:
        await stream.heard("live")
        await ada.does("DELETE", "/v1/sessions/current")
        await stream.closed()
        assert stream.ended is not None
        assert stream.ended["code"] == "session-ended"


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("after=x", 422, "invalid", "after"),
        ("after=99999999", 400, "ahead", "after"),
        (f"after=1@{uuid4()}", 410, "log-changed", "after"),
        (f"workspace={uuid4()}", 404, "not-found", "workspace"),
        ("workspace=x", 422, "invalid", "workspace"),
        ("noun=tsk", 422, "invalid", "noun"),
        ("resource=task", 422, "invalid", "resource"),
        ("from=1", 422, "unknown-parameter", "from"),
        ("after=1&after=2", 422, "repeated-parameter", "after"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/stream", "/v1/events"])
async def test_a_bad_parameter_is_a_problem(
    served: RunningApp, ada: Person, path: str, query: str, status: int, code: str, field: str
) -> None:
    answer = await served.client.get(f"{path}?{query}", headers=ada.headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] == code
    assert answer.json()["field"] == field


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}])
async def test_a_stranger_hears_nothing(served: RunningApp, headers: dict[str, str]) -> None:
    for path in ("/v1/stream", "/v1/events"):
        answer = await served.client.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_an_id_that_makes_no_sense_is_a_problem(served: RunningApp, ada: Person) -> None:
    headers = {**ada.headers, "Last-Event-ID": "yesterday"}
    answer = await served.client.get("/v1/stream", headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "Last-Event-ID")
    assert "such as 42" in answer.json()["detail"]


async def test_an_empty_last_event_id_is_none(served: RunningApp, ada: Person) -> None:
    before = await ada.adds() - 1
    async with sent_by(served, ada.token, [("after", before)], **{"Last-Event-ID": ""}) as stream:
        assert (await stream.heard("hello"))["position"] == before


async def test_head_ends_at_once(served: RunningApp, ada: Person) -> None:
    answer = await served.client.head("/v1/stream", headers=ada.headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/event-stream")


async def test_who_leaves_is_forgotten(served: RunningApp, ada: Person) -> None:
    live = served.app.state.live
    before = live.open
    async with sent_by(served, ada.token) as stream:
        await stream.heard("live")
        assert live.open == before + 1
    async with httpx.AsyncClient(base_url=served.base) as client:
        while live.open > before:
            await client.get("/live")
