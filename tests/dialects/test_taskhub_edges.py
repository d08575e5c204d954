"""What happens at TaskHub's edges, in its words: limits, bad bodies, who may come in."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.hub import Hub, registration
from tests.support.servers import fresh_database

HEALTH = "/taskhub/api/health"


@pytest.fixture(scope="module")
async def narrow(postgres_url: str, nats_url: str) -> AsyncIterator[RunningApp]:
    """Three requests a minute, counted in the process."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, taskhub_rate_limit=3, max_body_bytes=2048)
        async with running_app(settings) as running:
            yield running


async def test_a_share_has_its_own_size_and_words(narrow: RunningApp) -> None:
    for _ in range(3):
        assert (await narrow.client.get(HEALTH)).status_code == 200
    answer = await narrow.client.get(HEALTH)
    text = "Rate limit exceeded: 3 per 1 minute"
    assert (answer.status_code, answer.headers["content-type"]) == (429, "application/json")
    assert answer.json() == {"error": text, "detail": text, "message": text}
    assert int(answer.headers["retry-after"]) >= 1
    assert (await narrow.client.get("/v1/me")).status_code == 401


async def test_what_is_no_host_is_refused_in_its_words(narrow: RunningApp) -> None:
    async with narrow.raw(b"GET /taskhub/api/health HTTP/1.1\r\nHost: a b\r\n\r\n") as connection:
        status, body = await connection.answer()
    assert status == 400
    assert json.loads(body).keys() == {"detail", "message"}


async def test_a_share_is_a_hundred_a_minute_if_nothing_else_is_said() -> None:
    assert settings_for("", "").taskhub_rate_limit == 100


async def test_what_is_too_large_is_refused_in_its_words(system: RunningApp, hub: Hub) -> None:
    answer = await hub.ask("POST", "/tasks", {"title": "x", "description": "a" * (2 << 20)})
    assert (answer.status_code, answer.json()["detail"]) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "missing"), (b'{"title":', "json_invalid"), (b"[]", "model_attributes_type")],
)
async def test_a_body_that_is_none_says_why(
    system: RunningApp, hub: Hub, content: bytes, kind: str
) -> None:
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    answer = await system.client.post("/taskhub/api/tasks", content=content, headers=headers)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["loc"][0] == "body"
    assert error["type"] == kind


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"title": "a\x00b"}, ["body", "title"]),
        ({"title": "x", "tags": ["ok", "\x00"]}, ["body", "tags", 1]),
        ({"title": "\ud800"}, ["body", "title"]),
        ({"title": "x", "tags": ["ok", "\udfff"]}, ["body", "tags", 1]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
async def test_text_that_cannot_be_kept_names_its_field(
    hub: Hub, system: RunningApp, body: dict[str, Any], loc: list[Any], encoding: str
) -> None:
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    content = json.dumps(body).encode(encoding)
    answer = await system.client.post("/taskhub/api/tasks", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == loc


@pytest.mark.parametrize(
    "content",
    [b'{"title": "\xff"}', b'{"title": "\xed\xa0\x80"}', b"[" * 100_000, b"1" * 10_000],
)
async def test_a_body_that_cannot_be_read_is_a_400(
    system: RunningApp, hub: Hub, content: bytes
) -> None:
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    answer = await system.client.post("/taskhub/api/tasks", content=content, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"] == "There was an error parsing the body"


@pytest.mark.parametrize("field", ["start_date", "due_date"])
@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01",
        "0001-01-01T00:00:00+12:00",
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-12:00",
    ],
)
async def test_a_moment_that_cannot_be_kept_names_its_field(
    hub: Hub, field: str, moment: str
) -> None:
    """One of them in the list that all share would be an error to everybody."""
    task = await hub.task()
    for method, path in (("POST", "/tasks"), ("PUT", f"/tasks/{task['id']}")):
        answer = await hub.ask(method, path, {"title": "x", field: moment})
        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"][0]["loc"] == ["body", field]
    assert (await hub.ask("GET", "/tasks")).status_code == 200


async def test_a_tag_that_is_too_long_is_refused(hub: Hub) -> None:
    answer = await hub.ask("POST", "/tasks", {"title": "x", "tags": ["a" * 501]})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "tags"]


async def test_a_nul_in_the_url_is_refused_in_its_words(hub: Hub) -> None:
    answer = await hub.ask("GET", "/tasks?search=%00")
    assert answer.status_code == 400
    assert answer.json().keys() == {"detail", "message"}


async def test_pages_end_somewhere(hub: Hub) -> None:
    await hub.task()
    beyond = (await hub.ask("GET", "/tasks?page=1000000")).json()
    assert beyond["tasks"] == []
    assert beyond["total"] >= 1
    assert (await hub.ask("GET", f"/tasks?page={10**20}")).status_code == 422


async def test_who_does_not_belong_to_the_shared_workspace_sees_nothing_of_it(
    system: RunningApp, hub: Hub
) -> None:
    """An account from elsewhere joins by signing in here."""
    headers = await system.headers()
    for path in ("/tasks", "/auth/users", "/notifications", f"/tasks/{hub.user['id']}/comments"):
        answer = await system.client.get(f"/taskhub/api{path}", headers=headers)
        assert (answer.status_code, answer.json()["detail"]) == (403, "Not authorized")


async def test_an_account_from_elsewhere_joins_by_signing_in(system: RunningApp) -> None:
    known = registration()
    native = {**known, "password": "correct horse battery"}
    assert (await system.client.post("/v1/accounts", json=native)).status_code == 201
    good = {"email": known["email"], "password": native["password"]}
    answer = await system.client.post("/taskhub/api/auth/login", json=good)
    guest = Hub(system.client, answer.json()["user"], answer.json()["access_token"])
    assert (await guest.ask("GET", "/tasks")).status_code == 200


@pytest.mark.parametrize(
    ("email", "taken"),
    [
        ("someone@example.com", True),
        ("Someone@EXAMPLE.org", True),
        ("a@sub.example.net", True),
        ("a@localhost", False),
        ("a@host.local", False),
        ("a@host.test", False),
        ("a@host.invalid", False),
        ("a@host", False),
        ("a b@example.org", False),
    ],
)
async def test_emails_are_checked_as_pydantic_did(
    system: RunningApp, email: str, taken: bool
) -> None:
    fields = registration(email=email, full_name="")
    answer = await system.client.post("/taskhub/api/auth/register", json=fields)
    assert answer.status_code == 422
    at_fault = {error["loc"][-1] for error in answer.json()["detail"]}
    assert at_fault == ({"full_name"} if taken else {"full_name", "email"})


async def test_the_longest_names_and_passwords_are_taken(system: RunningApp) -> None:
    fields = registration(full_name="é" * 255, password="pä" * 64)
    fields["username"] = (fields["username"] * 10)[:100]
    answer = await system.client.post("/taskhub/api/auth/register", json=fields)
    assert answer.status_code == 201, answer.text
    good = {"email": fields["email"].upper(), "password": fields["password"]}
    answer = await system.client.post("/taskhub/api/auth/login", json=good)
    assert (answer.status_code, answer.json()["user"]["username"]) == (200, fields["username"])
