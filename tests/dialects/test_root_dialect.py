"""One older system at the root: its frontend changes nothing but the server's name."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from gateway.dialects.catalog import SYSTEMS
from gateway.logs import ACCESS, configure_logs
from infra.settings import DIALECTS
from tests.support.api import SECRET_KEY, settings_for
from tests.support.app import RunningApp, running_app
from tests.support.hub import registration
from tests.support.servers import fresh_database

CLIENTS = ("httpx", "httpcore")  # of the tests, which log what they send
SILENT = logging.Logger("silent", logging.CRITICAL)


@pytest.fixture(scope="module")
async def rooted(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """TaskHub at the root, whose tokens last seven minutes."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url,
            nats_url,
            root_dialect="taskhub",
            rate_limit=0,
            taskhub_rate_limit=0,
            access_token_minutes=7,
            max_body_bytes=4096,
        )
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.fixture(scope="module")
async def token(rooted: RunningApp) -> str:
    answer = await rooted.client.post("/api/auth/register", json=registration())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("path", ["/api/health", "/api/health/", "/taskhub/api/health"])
async def test_it_answers_at_the_root_and_below_its_prefix(rooted: RunningApp, path: str) -> None:
    answer = await rooted.client.get(path)
    assert answer.json() == {"status": "ok", "app": "TaskHub", "version": "1.0.0"}


async def test_what_was_written_at_the_root_is_read_below_the_prefix(
    rooted: RunningApp, token: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    made = await rooted.client.post("/api/tasks/", json={"title": "Plan"}, headers=headers)
    assert made.status_code == 201
    found = await rooted.client.get(f"/taskhub/api/tasks/{made.json()['id']}", headers=headers)
    assert found.json() == made.json()


async def test_the_example_of_its_manual_works_as_it_is(rooted: RunningApp) -> None:
    answer = await rooted.client.post(
        "/api/auth/register",
        headers={"Content-Type": "application/json"},
        content="""{
    "email": "test@example.com",
    "username": "testuser",
    "full_name": "Test User",
    "password": "password123"
  }""",
    )
    assert answer.status_code == 201
    assert answer.json()["user"]["username"] == "testuser"


async def test_its_document_and_page_stand_at_the_root(rooted: RunningApp) -> None:
    document = (await rooted.client.get("/openapi.json")).json()
    assert document["info"]["title"] == "TaskHub"
    assert document["servers"] == [{"url": "/"}]
    for path in ("/docs", "/redoc"):
        answer = await rooted.client.get(path)
        assert 'fetch("/openapi.json")' in answer.text
        assert "<title>TaskHub</title>" in answer.text
    below = (await rooted.client.get("/taskhub/openapi.json")).json()
    assert below["servers"] == [{"url": "/taskhub"}]


async def test_ours_stay_where_they_are(rooted: RunningApp) -> None:
    assert (await rooted.client.get("/live")).json() == {"status": "ok"}
    assert (await rooted.client.get("/ready")).json() == {"status": "ok"}
    assert "tasktrail_" in (await rooted.client.get("/metrics")).text
    index = (await rooted.client.get("/v1")).json()
    for name, path in index["links"].items():
        assert (await rooted.client.get(path)).status_code == 200, name
    assert "parts" in (await rooted.client.get(index["links"]["health"])).json()
    document = (await rooted.client.get("/v1/openapi.json")).json()
    assert document["info"]["title"] == "Tasktrail"
    answer = await rooted.client.get("/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/health", "/nothing", "/v2/tasks", "/taskhub", "//"])
async def test_what_it_does_not_have_is_not_found_in_its_words(
    rooted: RunningApp, path: str
) -> None:
    answer = await rooted.client.get(rooted.base + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert answer.json() == {"detail": "Not Found", "message": "Not Found"}


@pytest.mark.parametrize("name", sorted(DIALECTS))
async def test_no_prefix_of_another_is_taken_for_a_path_of_its(
    rooted: RunningApp, name: str
) -> None:
    nested = await rooted.client.get(f"/{name}/taskhub/api/health")
    assert nested.status_code == 404


async def test_errors_at_the_root_are_in_its_words(rooted: RunningApp, token: str) -> None:
    answer = await rooted.client.get("/api/tasks")
    assert answer.json() == dict.fromkeys(("detail", "message"), "Not authenticated")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    answer = await rooted.client.patch("/api/tasks")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}
    headers = {"Authorization": f"Bearer {token}"}
    large = {"title": "x", "description": "a" * 5000}
    answer = await rooted.client.post("/api/tasks", json=large, headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (413, "Request Entity Too Large")


async def test_pages_are_told_at_the_root_what_it_told_them(rooted: RunningApp) -> None:
    page, ours = "http://localhost:5173", "/v1/problems"
    for path, status in (("/api/tasks", 200), ("/taskhub/api/tasks", 200), (ours, 204)):
        asked = {"Origin": page, "Access-Control-Request-Method": "POST"}
        answer = await rooted.client.options(path, headers=asked)
        assert answer.status_code == status
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed == (None if path == ours else page)
        answer = await rooted.client.get(path, headers={"Origin": page})
        assert answer.headers.get("access-control-allow-origin") == allowed


async def test_its_own_limit_holds_at_the_root(postgres_url: str, nats_url: str) -> None:
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, root_dialect="taskhub", taskhub_rate_limit=2)
        async with running_app(settings) as running:
            for path in ("/api/health", "/taskhub/api/health"):
                assert (await running.client.get(path)).status_code == 200
            answer = await running.client.get("/api/health")
            text = "Rate limit exceeded: 2 per 1 minute"
            assert answer.status_code == 429
            assert answer.json() == {"error": text, "detail": text, "message": text}
            assert (await running.client.get("/v1")).status_code == 200


async def test_its_socket_is_at_the_root_and_the_token_in_its_path_is_in_no_log(
    rooted: RunningApp, token: str
) -> None:
    base = rooted.base.replace("http", "ws")
    with logged() as said:
        async with connect(f"{base}/ws/{token}", logger=SILENT):
            pass
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{base}/ws/nonsense-{token}", logger=SILENT).__aenter__()
        answer = await rooted.client.get(f"/ws/{token}")
    assert refused.value.response.status_code == 403
    assert (answer.status_code, answer.json()["detail"]) == (404, "Not Found")
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    requests = [(line["status"], line["route"]) for line in lines if line["logger"] == ACCESS]
    route = "/taskhub/ws/{token}"
    assert requests == [(101, route), (403, route), (404, "unmatched")]
    ours = [line for line in lines if line["logger"].partition(".")[0] not in CLIENTS]
    assert token not in json.dumps(ours)
    counted = await rooted.metrics()
    assert counted["tasktrail_http_requests_total", "GET", route, "101"] >= 1
    assert counted["tasktrail_http_requests_total", "GET", route, "403"] >= 1
    assert token not in str(counted)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What a process writes that logs as much as it can."""
    root, said = logging.getLogger(), io.StringIO()
    names = ("uvicorn", "uvicorn.error", "asyncio")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers, level = list(root.handlers), root.level
    configure_logs("debug", said)
    try:
        yield said
    finally:
        root.handlers, root.level = handlers, level
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)


async def test_a_life_that_is_set_holds_for_the_tokens_of_dialects(token: str) -> None:
    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 7 * 60


@pytest.mark.parametrize("name", DIALECTS)
async def test_any_of_them_may_answer_at_the_root(
    name: str, postgres_url: str, nats_url: str
) -> None:
    [older] = [each for each in SYSTEMS if each.name == name]
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, root_dialect=name)
        async with running_app(settings) as running:
            for at, prefix in (("/", ""), (f"/{name}", f"/{name}")):
                document = (await running.client.get(prefix + older.document)).json()
                assert document["servers"] == [{"url": at}]
                assert document["info"]["title"] == older.title
                pages = [await running.client.get(prefix + page) for page in older.pages]
                assert all(f'fetch("{prefix}{older.document}")' in page.text for page in pages)
                answer = await running.client.get(f"{prefix}/no/such/path/of/it")
                assert (answer.status_code, answer.json()["detail"]) == (404, "Not Found")
            for path in ("/docs", "/openapi.json", "/health", "/"):
                at_root, below = [
                    await running.client.get(f"{prefix}{path}") for prefix in ("", f"/{name}")
                ]
                assert at_root.status_code == below.status_code
                assert "Tasktrail" not in at_root.text
            assert (await running.client.get("/live")).json() == {"status": "ok"}
            assert (await running.client.get("/v1")).json()["name"] == "Tasktrail"


async def test_without_a_root_dialect_the_root_is_ours(system: RunningApp) -> None:
    assert (await system.client.get("/")).json()["name"] == "Tasktrail"
    assert (await system.client.get("/openapi.json")).json()["info"]["title"] == "Tasktrail"
    assert "parts" in (await system.client.get("/health")).json()
    answer = await system.client.get("/api/health")
    assert answer.headers["content-type"] == "application/problem+json"
