"""What every request passes: ids, hosts, bodies, methods, pages of other origins."""

import json
import logging
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.logs import ACCESS
from tests.support.app import RunningApp

TASK = {"title": "Buy milk"}
JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int, code: str, field: str | None = None) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    content = answer.json()
    assert content["code"] == code, content
    assert content.get("field") == field
    assert content["status"] == status
    assert content["type"] == f"/v1/problems/{code}"
    assert content["detail"]
    assert content["request_id"] == answer.headers["X-Request-Id"]
    return content


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


async def head(served: RunningApp) -> int:
    position: int = (await served.client.get("/health")).json()["head"]
    return position


async def test_a_request_has_the_callers_id_when_that_is_a_uuid(served: RunningApp) -> None:
    given = str(uuid4())
    answer = await served.client.get("/v1/problems", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "mine", "x" * 36, "00000000-0000-0000-0000-00000000000g"])
async def test_any_other_id_is_replaced(served: RunningApp, given: str) -> None:
    answer = await served.client.get("/v1/problems", headers={"X-Request-Id": given})
    assert UUID(answer.headers["X-Request-Id"]).version == 7


async def test_the_id_is_the_correlation_of_the_events(
    served: RunningApp, ada: dict[str, str]
) -> None:
    given = uuid4()
    answer = await served.client.post(
        "/v1/tasks", json=TASK, headers={**ada, "X-Request-Id": str(given)}
    )
    events = await served.app.state.log.reader.stream(UUID(answer.json()["id"]))
    assert [event.metadata.correlation for event in events] == [given]


async def test_an_unknown_path_is_a_404(served: RunningApp) -> None:
    for path in ("/nope", "/v1/nope", "/v1/tasks/not-a-uuid", "/v1/problems/no-such-code"):
        problem(await served.client.get(path), 404, "not-found")


async def test_an_unknown_method_is_a_405_that_lists_those_of_the_path(served: RunningApp) -> None:
    answer = await served.client.put("/v1/tasks", json=TASK)
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    options = await served.client.options("/v1/tasks")
    assert (options.status_code, options.headers["Allow"]) == (204, answer.headers["Allow"])


async def test_head_answers_as_get_without_a_body(served: RunningApp) -> None:
    got = await served.client.get("/v1/problems/invalid")
    answer = await served.client.head("/v1/problems/invalid")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json;charset=latin1", ""],
)
async def test_a_body_that_is_not_json_is_a_415(
    served: RunningApp, ada: dict[str, str], content_type: str
) -> None:
    before = await head(served)
    headers = {**ada, **({"Content-Type": content_type} if content_type else {})}
    answer = await served.client.post("/v1/tasks", content=json.dumps(TASK), headers=headers)
    problem(answer, 415, "unsupported-media-type", "Content-Type")
    assert await head(served) == before


async def test_a_merge_patch_is_taken_where_something_is_patched(
    served: RunningApp, ada: dict[str, str]
) -> None:
    made = await served.client.post("/v1/tasks", json=TASK, headers=ada)
    headers = {**ada, "Content-Type": "application/merge-patch+json; charset=UTF-8"}
    path = made.headers["Location"]
    answer = await served.client.patch(path, content=b'{"title": "x"}', headers=headers)
    assert answer.status_code == 200
    answer = await served.client.post("/v1/tasks", content=b'{"title": "x"}', headers=headers)
    problem(answer, 415, "unsupported-media-type", "Content-Type")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"", 400, "malformed", None),
        (b"{", 400, "malformed", None),
        (b'{"title": "\xff"}', 400, "malformed", None),
        (b"[" * 100_000, 400, "too-deep", None),
        (rb'{"title": "\u0000"}', 400, "bad-text", "title"),
        (rb'{"title": "\udc00"}', 400, "bad-text", "title"),
        (b'{"title": "a", "title": "b"}', 400, "duplicate-member", "title"),
        (b'{"title": "a", "tags": [%s]}' % b",".join([b'"a"'] * 1001), 400, "too-long", "tags"),
        (b'{"title": "a", "tags": [%s]}' % b",".join([b'"a"'] * 51), 422, "invalid", "tags"),
        (b"{}", 422, "invalid", "title"),
        (b'{"title": 5}', 422, "invalid", "title"),
        (b'{"title": " "}', 422, "invalid", "title"),
        (b'{"title": "a", "due": "tomorrow"}', 422, "invalid", "due"),
        (b'{"title": "a", "priority": "asap"}', 422, "invalid", "priority"),
        (b'{"title": "a", "colour": "red"}', 422, "invalid", "colour"),
        (b'{"title": "a", "assignee": "me"}', 422, "invalid", "assignee"),
        (b"[]", 422, "invalid", None),
    ],
)
async def test_a_bad_body_is_refused_by_name_and_appends_nothing(
    served: RunningApp, ada: dict[str, str], body: bytes, status: int, code: str, field: str | None
) -> None:
    before = await head(served)
    answer = await served.client.post("/v1/tasks", content=body, headers={**ada, **JSON})
    problem(answer, status, code, field)
    assert await head(served) == before


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("limit=0", 422, "invalid", "limit"),
        ("limit=201", 422, "invalid", "limit"),
        ("limit=many", 422, "invalid", "limit"),
        ("status=done", 422, "invalid", "status"),
        ("limt=5", 422, "unknown-parameter", "limt"),
        ("limit=5&limit=6", 422, "repeated-parameter", "limit"),
        ("q=%00", 400, "bad-text", None),
    ],
)
async def test_a_bad_query_is_refused_by_name(
    served: RunningApp, ada: dict[str, str], query: str, status: int, code: str, field: str | None
) -> None:
    answer = await served.client.get(f"/v1/tasks?{query}", headers=ada)
    content = problem(answer, status, code, content_field(answer))
    assert str(content.get("field", "")).split("/")[0] == (field or "")


def content_field(answer: httpx.Response) -> str | None:
    field: str | None = answer.json().get("field")
    return field


async def test_a_parameter_that_is_not_there_is_named(
    served: RunningApp, ada: dict[str, str]
) -> None:
    answer = await served.client.get("/v1/search?limit=5", headers=ada)
    assert problem(answer, 422, "invalid", "q")["detail"] == "q is required"


async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(
    served: RunningApp, ada: dict[str, str]
) -> None:
    """One over is refused whether the length is announced or not."""
    limit = served.settings.max_body_bytes
    for size, status in ((limit, 422), (limit + 1, 413)):
        body = b'{"title": "%s"}' % (b"x" * (size - 13))
        assert len(body) == size
        for content in (body, chunks(body)):
            answer = await served.client.post("/v1/tasks", content=content, headers={**ada, **JSON})
            assert answer.status_code == status, answer.text
    problem(answer, 413, "too-large")


async def chunks(body: bytes) -> Any:
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Bearer a.b.c"])
async def test_a_bad_token_is_a_401(served: RunningApp, token: str) -> None:
    answer = await served.client.get("/v1/me", headers={"Authorization": token})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    problem(answer, 401, answer.json()["code"], content_field(answer))


async def test_a_bad_token_does_not_matter_where_none_is_needed(served: RunningApp) -> None:
    answer = await served.client.get("/v1/problems", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 200


@pytest.mark.parametrize("hosts", [[], [""], ["a b"], ["a/b"], ["evil\\x"], ["a", "b"], ["a:b"]])
async def test_exactly_one_host_is_required(served: RunningApp, hosts: list[str]) -> None:
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    async with served.raw(f"GET /v1/problems HTTP/1.1\r\n{lines}\r\n".encode()) as connection:
        status, body = await connection.answer()
        assert status == 400
        assert json.loads(body)["code"] == "bad-host"


async def test_pages_of_listed_origins_may_call_us_and_see_our_headers(served: RunningApp) -> None:
    origin = {"Origin": "https://tasks.example.org"}
    ask = {**origin, "Access-Control-Request-Method": "PATCH"}
    answer = await served.client.options("/v1/tasks/1", headers=ask)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
    for path in ("/v1/problems", "/v1/me", "/nope"):
        answer = await served.client.get(path, headers=origin)
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        for name in ("ETag", "Tasktrail-Position", "RateLimit", "X-Request-Id", "Link"):
            assert name in answer.headers["Access-Control-Expose-Headers"]


async def test_pages_of_other_origins_may_not(served: RunningApp) -> None:
    for origin in ("https://evil.example.org", "https://tasks.example.org.evil.org", "null"):
        ask = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answers = (
            await served.client.options("/v1/tasks", headers=ask),
            await served.client.get("/v1/problems", headers={"Origin": origin}),
        )
        for answer in answers:
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert "Origin" in answer.headers["Vary"]


async def test_a_request_is_one_log_line_without_what_anybody_wrote(
    served: RunningApp, ada: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        answer = await served.client.post("/v1/tasks", json={"title": "My secret"}, headers=ada)
        await served.client.get("/v1/search?q=My+secret", headers=ada)
        await served.client.get(answer.headers["Location"], headers=ada)
    records = [record for record in caplog.records if record.name == ACCESS]
    lines = [record.__dict__["fields"] for record in records]
    assert [line["route"] for line in lines] == ["/v1/tasks", "/v1/search", "/v1/tasks/{task}"]
    assert lines[0]["status"] == 201
    assert lines[0]["position"] == int(answer.headers["Tasktrail-Position"])
    assert str(lines[0]["request"]) == answer.headers["X-Request-Id"]
    assert lines[0]["account"] == UUID(answer.json()["created_by"])
    text = "".join(record.getMessage() for record in records) + str(lines)
    assert "secret" not in text
    assert answer.json()["id"] not in text
    assert ada["Authorization"] not in text
