"""An issuer that publishes its keys: whom it vouches for, and where that counts."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.issuers import Published, key_set, publishing, signing_key
from tests.support.servers import fresh_database
from tests.support.streaming import socket_to

ISSUER = "https://id.example.org"
KEYS = [signing_key("RS256", "rsa"), signing_key("ES256", "ec"), signing_key("EdDSA", "ed")]


@pytest.fixture(scope="module")
async def published() -> AsyncIterator[Published]:
    async with publishing(key_set(*KEYS)) as published:
        yield published


@pytest.fixture(scope="module")
async def app(postgres_url: str, nats_url: str, published: Published) -> AsyncIterator[RunningApp]:
    async with fresh_database(postgres_url) as url:
        settings = settings_for(
            url,
            nats_url,
            rate_limit=0,
            jwks=published.url,
            jwks_issuer=ISSUER,
            jwks_audience="tasktrail",
            jwks_systems=("v1", "todo"),
        )
        async with running_app(settings, worker=True) as running:
            yield running


def said(**changes: Any) -> dict[str, Any]:
    claims = {
        "sub": uuid4().hex,
        "iss": ISSUER,
        "aud": ["tasktrail"],
        "exp": int(time.time()) + 600,
        "email": f"{uuid4().hex}@example.org",
        "name": "Ada Lovelace",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


async def ask(app: RunningApp, token: str, path: str = "/v1/me", **how: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await app.client.request(how.pop("method", "GET"), path, headers=headers, **how)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.algorithm)
async def test_whom_it_vouches_for_has_an_account_at_once(app: RunningApp, key: Any) -> None:
    claims = said()
    token = key.signed(claims)
    made = await ask(app, token, "/v1/tasks", method="POST", json={"title": "Plan"})
    assert made.status_code == 201, made.text
    account = (await ask(app, token)).json()
    assert (account["email"], account["full_name"]) == (claims["email"], "Ada Lovelace")
    assert account["username"] is None
    assert made.json()["created_by"] == account["id"]
    [workspace] = (await ask(app, token, "/v1/workspaces")).json()["items"]
    assert (workspace["id"], workspace["personal"]) == (made.json()["workspace"], True)


async def test_every_token_of_a_person_finds_the_same_account(app: RunningApp) -> None:
    claims = said()
    first, *others = [key.signed({**claims, "email": f"{key.kid}@x.org"}) for key in KEYS]
    id = (await ask(app, first)).json()["id"]
    assert {(await ask(app, token)).json()["id"] for token in others} == {id}
    url = f"/todo/api/{claims['sub']}/tasks"
    await ask(app, others[0], url, method="POST", json={"title": "x"})
    assert (await ask(app, first, "/v1/tasks")).json()["items"][0]["title"] == "x"


async def test_an_equal_email_opens_nobody_elses_account(app: RunningApp) -> None:
    theirs = (await app.register())["account"]
    account = (await ask(app, KEYS[0].signed(said(email=theirs["email"])))).json()
    assert (account["id"] != theirs["id"], account["email"]) == (True, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"email_verified": False},
        {"email": None},
        {"email": 7},
        {"email": "nobody"},
        {"email": "a@b"},
        {"email": "x" * 300 + "@example.org"},
    ],
)
async def test_what_is_no_email_of_theirs_is_left_out(
    app: RunningApp, changes: dict[str, Any]
) -> None:
    assert (await ask(app, KEYS[2].signed(said(**changes)))).json()["email"] == ""


@pytest.mark.parametrize("name", [None, 7, "", " ", "\n\u200b"])
async def test_who_has_no_name_has_their_subject(app: RunningApp, name: Any) -> None:
    claims = said(name=name)
    assert (await ask(app, KEYS[2].signed(claims))).json()["full_name"] == claims["sub"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1}, "token-expired"),
        ({"exp": None}, "token-invalid"),
        ({"nbf": 1 << 40}, "token-invalid"),
        ({"iss": "https://id.example.com"}, "token-invalid"),
        ({"iss": None}, "token-invalid"),
        ({"aud": "another"}, "token-invalid"),
        ({"aud": None}, "token-invalid"),
        ({"sub": None}, "subject-missing"),
        ({"sub": "v1"}, "token-invalid"),
        ({"sub": "line\nbreak"}, "token-invalid"),
        ({"name": "x" * 9_000}, "token-invalid"),
    ],
)
async def test_a_bad_token_is_a_clean_401(
    app: RunningApp, changes: dict[str, Any], code: str
) -> None:
    answer = await ask(app, KEYS[0].signed(said(**changes)))
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_another_key_is_refused(app: RunningApp, published: Published) -> None:
    asked = published.asked
    for kid in ("rsa", "unknown", None):
        stranger = signing_key("RS256", "stranger").signed(said(), kid=kid)
        assert (await ask(app, stranger)).status_code == 401
    assert published.asked <= asked + 1


@pytest.mark.parametrize("path", ["/taskhub/api/auth/me", "/taskflow/tasks", "/phase3/api/x/"])
async def test_it_is_good_only_where_that_is_set(app: RunningApp, path: str) -> None:
    assert (await ask(app, KEYS[0].signed(said()), path)).status_code == 401


async def test_who_has_no_session_cannot_end_one_nor_change_a_password(app: RunningApp) -> None:
    token = KEYS[2].signed(said())
    ended = await ask(app, token, "/v1/sessions/current", method="DELETE")
    assert (ended.status_code, ended.json()["code"]) == (404, "not-found")
    body = {"current": "whatever it is", "new": "something else"}
    changed = await ask(app, token, "/v1/me/password", method="PUT", json=body)
    assert (changed.status_code, changed.json()["code"]) == (403, "wrong-password")


async def test_an_issuer_that_is_away_is_not_the_tokens_fault(
    postgres_url: str, nats_url: str
) -> None:
    async with fresh_database(postgres_url) as url, publishing(b"") as published:
        published.status = 503
        settings = settings_for(url, nats_url, jwks=published.url, jwks_issuer=ISSUER)
        async with running_app(settings) as app:
            path = "/todo/api/somebody/tasks"
            answer = await ask(app, KEYS[0].signed(said(sub="somebody")), path)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
            tokens = await app.register()
            own = f"/todo/api/{tokens['account']['id']}/tasks/7"
            assert (await ask(app, tokens["access_token"], own)).status_code == 422


async def test_it_opens_a_stream_of_what_is_theirs(app: RunningApp) -> None:
    token = KEYS[2].signed(said())
    async with socket_to(app, token) as stream:
        await stream.heard("live")
        made = await ask(app, token, "/v1/tasks", method="POST", json={"title": "Plan"})
        position = int(made.headers["tasktrail-position"])
        await stream.reached(position)
        assert [event["type"] for event in stream.events] == ["task.created"]


@pytest.mark.parametrize("exp", [4_000_000_000_000, 1 << 2_000])
async def test_a_token_may_end_after_all_our_time(app: RunningApp, exp: int) -> None:
    async with socket_to(app, KEYS[2].signed(said(exp=exp))) as stream:
        hello = await stream.heard("hello")
        assert hello["until"] == "9999-12-31T23:59:59Z"


async def test_who_has_no_session_lists_none(app: RunningApp) -> None:
    answer = await ask(app, KEYS[2].signed(said()), "/v1/sessions")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_a_repeated_request_is_answered_as_before(app: RunningApp) -> None:
    token = KEYS[2].signed(said())
    url, key = f"{app.base}/v1/tasks", {"Idempotency-Key": uuid4().hex}
    headers = {"Authorization": f"Bearer {token}", **key}
    first, again = [
        await app.client.post(url, json={"title": "Plan"}, headers=headers) for _ in range(2)
    ]
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
