"""Export jobs over HTTP, made by the worker."""

import hashlib
from io import BytesIO
from typing import Any
from uuid import uuid4

import httpx
import polars as pl
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing
from tests.support.waiting import until_answered

Json = dict[str, Any]


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def requested(person: Person, **body: Any) -> str:
    answer = await person.ask("POST", "/v1/exports", body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/exports/{answer.json()['id']}"
    return str(answer.headers["Location"])


async def finished(person: Person, place: str) -> Json:
    found: Json = {}

    async def is_finished() -> bool:
        nonlocal found
        found = (await person.ask("GET", place)).json()
        return bool(found["status"] != "requested")

    await until_answered(is_finished)
    return found


async def file_of(person: Person, place: str, name: str = "tasks.") -> bytes:
    link = await person.ask("GET", f"{place}/link")
    assert link.status_code == 200, link.text
    async with httpx.AsyncClient() as anybody:
        answer = await anybody.get(link.json()["url"])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}')
    return answer.content


async def test_a_job_makes_a_file(api: httpx.AsyncClient) -> None:
    ada, eve = await register(api, "ada"), await register(api, "eve")
    home = await sharing(ada, eve)
    await ada.made("/v1/tasks", {"title": "Shared", "workspace": home})
    await ada.made("/v1/tasks", {"title": "Her own"})
    place = await requested(ada, format="parquet", workspace=home)
    done = await finished(ada, place)
    assert (done["status"], done["rows"], done["version"]) == ("completed", 1, 2)
    content = await file_of(eve, place)
    assert pl.read_parquet(BytesIO(content))["title"].to_list() == ["Shared"]
    assert (done["size"], done["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert done["expires_at"] > done["finished_at"]
    listed = (await eve.ask("GET", "/v1/exports?min_position=head")).json()["items"]
    assert listed == [done]
    late = await ada.ask("POST", f"{place}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "export-finished")


async def test_each_format_has_its_type(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    await ada.made("/v1/tasks", {"title": "Mine"})
    for format, begins in (("csv", b"id,"), ("ndjson", b"{"), ("xlsx", b"PK")):
        place = await requested(ada, format=format, history=format == "xlsx")
        done = await finished(ada, place)
        assert done["status"] == "completed"
        assert (await file_of(ada, place)).startswith(begins)


async def test_a_job_takes_notes_or_posts_instead(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    await ada.made("/v1/tasks", {"title": "No note"})
    await ada.made("/v1/notes", {"title": "My note"})
    await ada.made("/v1/posts", {"title": "My post", "content": "text"})
    for noun in ("note", "post"):
        place = await requested(ada, format="csv", noun=noun)
        done = await finished(ada, place)
        assert (done["status"], done["noun"], done["rows"]) == ("completed", noun, 1)
        assert f"My {noun}".encode() in await file_of(ada, place, f"{noun}s.csv")
    nothing = await ada.ask("POST", "/v1/exports", {"format": "csv", "noun": "comment"})
    assert nothing.status_code == 422


async def test_the_stream_tells_what_became_of_it(api: httpx.AsyncClient) -> None:
    ada = await register(api, "ada")
    place = await requested(ada, format="csv")
    await finished(ada, place)
    events = await ada.ask("GET", "/v1/events?noun=export")
    assert [event["type"] for event in events.json()["items"]] == [
        "export.requested",
        "export.completed",
    ]


async def test_nobody_else_sees_it(api: httpx.AsyncClient) -> None:
    ada, mallory = await register(api, "ada"), await register(api, "mallory")
    place = await requested(ada, format="csv")
    await finished(ada, place)
    for path in (place, f"{place}/link", f"/v1/exports/{uuid4()}"):
        assert (await mallory.ask("GET", path)).status_code == 404
    assert (await mallory.ask("POST", f"{place}/cancel")).status_code == 404
    foreign = await mallory.ask(
        "POST",
        "/v1/exports",
        {"format": "csv", "workspace": (await ada.ask("GET", place)).json()["workspace"]},
    )
    assert foreign.status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "format"),
        ({"format": "pdf"}, "format"),
        ({"format": "csv", "history": True}, "history"),
        ({"format": "csv", "workspace": "home"}, "workspace"),
        ({"format": "csv", "more": 1}, "more"),
    ],
)
async def test_a_bad_request_is_refused_by_name(
    api: httpx.AsyncClient, body: Json, field: str
) -> None:
    ada = await register(api, "ada")
    answer = await ada.ask("POST", "/v1/exports", body)
    assert answer.status_code == 422
    assert field in answer.text
    assert (await ada.ask("GET", "/v1/exports?min_position=head")).json()["items"] == []
