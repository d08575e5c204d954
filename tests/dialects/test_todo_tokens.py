"""Whose tokens the Todo backend takes, whose path they open, and what it says of all others."""

import asyncio
import base64
import json
import time
from typing import Any
from uuid import UUID

import httpx
import pytest

from commands.accounts import ACCOUNTS
from tests.support.api import SECRET_KEY, bearer
from tests.support.app import RunningApp
from tests.support.hub import Hub
from tests.support.taskmanager import says
from tests.support.todo import (
    BETTER_AUTH_SECRET,
    PREFIX,
    Todo,
    account_of,
    frontend_claims,
    opaque,
    signed,
)

BAD = "Could not validate credentials: "


async def asked(system: RunningApp, user: str, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await system.client.get(f"{PREFIX}/api/{user}/tasks", headers=headers)


def refused(answer: httpx.Response, text: str) -> None:
    says(answer, 401, {"detail": text})
    assert answer.headers["www-authenticate"] == "Bearer"


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b".".join((*coded, b"")).decode()


async def test_without_a_token_nobody_gets_in(system: RunningApp) -> None:
    path = f"{PREFIX}/api/{opaque()}"
    for method, place in (
        ("GET", "/tasks"),
        ("POST", "/tasks"),
        ("GET", "/tags"),
        ("PATCH", "/tasks/7"),
        ("PATCH", "/tasks/7/complete"),
        ("DELETE", "/tasks/7"),
    ):
        refused(await system.client.request(method, path + place), "Not authenticated")
        basic = {"Authorization": "Basic YTpi"}
        answer = await system.client.request(method, path + place, headers=basic)
        refused(answer, "Not authenticated")


@pytest.mark.parametrize(
    ("changes", "how", "text"),
    [
        ({"exp": 1}, {}, BAD + "Signature has expired."),
        ({"sub": None}, {}, "Invalid token: missing 'sub' claim (user_id)"),
        ({"sub": ""}, {}, "Invalid token: missing 'sub' claim (user_id)"),
        ({}, {"key": "another secret, of another server"}, BAD),
        ({}, {"algorithm": "HS384", "key": BETTER_AUTH_SECRET * 2}, BAD),
        ({}, {"headers": {"crit": ["b64"], "b64": True}}, BAD),
        ({}, {"headers": {"crit": ["shoe-size"], "shoe-size": 44}}, BAD),
        ({"nbf": 1 << 40}, {}, BAD),
        ({"exp": "soon"}, {}, BAD),
        ({"name": "x" * 10_000}, {}, BAD),
        ({"sub": "line\nbreak"}, {}, BAD),
        ({"sub": "auth"}, {}, BAD),
        ({"sub": "openapi.json"}, {}, BAD),
    ],
)
async def test_a_bad_token_is_refused_in_its_own_words(
    system: RunningApp, changes: dict[str, Any], how: dict[str, Any], text: str
) -> None:
    answer = await asked(system, opaque(), signed(frontend_claims(**changes), **how))
    detail = answer.json()["detail"]
    refused(answer, detail if text == BAD else text)
    assert detail.startswith(text)


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "é", unsigned(frontend_claims())])
async def test_what_is_no_signed_token_is_refused(system: RunningApp, token: str) -> None:
    headers = {b"authorization": b"Bearer " + token.encode("latin-1")}
    url = f"{PREFIX}/api/{opaque()}/tasks"
    answer = await system.client.get(url, headers=headers)
    assert answer.json()["detail"].startswith(BAD)
    refused(answer, answer.json()["detail"])


async def test_a_token_need_not_say_when_it_ends_or_for_whom_it_is(system: RunningApp) -> None:
    for changes in ({"exp": None}, {"aud": None, "iss": None}, {"aud": ["x"], "iss": "y"}):
        claims = frontend_claims(iat=int(time.time()) + 600, **changes)
        assert (await asked(system, claims["sub"], signed(claims))).status_code == 200


async def test_the_path_must_name_the_tokens_user(todo: Todo) -> None:
    task = f"/tasks/{(await todo.task())['id']}"
    other = opaque()
    for method, path, body, text in (
        ("GET", "/tasks", None, "Not authorized to access this resource"),
        ("GET", "/tags", None, "Not authorized to access this resource"),
        ("POST", "/tasks", {"title": "x"}, "Not authorized to create tasks for this user"),
        ("GET", task, None, "Not authorized to access this task"),
        ("PATCH", task, {}, "Not authorized to update this task"),
        ("PUT", task, {}, "Not authorized to update this task"),
        ("PATCH", f"{task}/complete", None, "Not authorized to update this task"),
        ("DELETE", task, None, "Not authorized to delete this task"),
    ):
        for user in (other, todo.user.swapcase()):
            url = f"{PREFIX}/api/{user}{path}"
            answer = await todo.client.request(method, url, json=body, headers=todo.headers)
            says(answer, 403, {"detail": text})


async def test_a_word_of_other_paths_is_no_user(todo: Todo) -> None:
    for word in ("auth", "tasks", "analytics", "v1"):
        url = f"{PREFIX}/api/{word}/tags"
        says(await todo.client.get(url, headers=todo.headers), 404, {"detail": "Not Found"})


async def test_an_account_begins_once_however_many_ask_at_once(system: RunningApp) -> None:
    todo = Todo(system.client)
    answers = await asyncio.gather(*(todo.ask("POST", "/tasks", {"title": "x"}) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert (await todo.listed())["total"] == 8
    account = await native(system, await account_of(system.app, todo))
    assert account == {"email": todo.claims["email"], "full_name": "Ada Lovelace"}


async def test_an_equal_email_opens_nobody_elses_account(system: RunningApp, hub: Hub) -> None:
    todo = Todo(system.client, email=hub.user["email"].upper())
    await todo.task()
    account = await account_of(system.app, todo)
    assert str(account) != hub.user["id"]
    assert (await native(system, account))["email"] == ""
    assert (await hub.ask("GET", "/auth/me")).json() == hub.user


async def test_users_of_other_tokens_have_other_accounts(system: RunningApp) -> None:
    one, other = Todo(system.client), Todo(system.client)
    other = Todo(system.client, sub=other.user, email=one.claims["email"])
    await one.task(title="one")
    await other.task(title="other")
    assert (await one.titles(), await other.titles()) == (["one"], ["other"])
    later = Todo(system.client, sub=one.user, email="moved@example.org", name=None)
    assert await later.titles() == ["one"]


@pytest.mark.parametrize(
    "path",
    [
        "/taskhub/api/tasks",
        "/taskhub/api/auth/me",
        "/taskflow/tasks",
        "/taskmanager/tasks",
        "/v1/me",
        "/v1/tasks",
    ],
)
async def test_a_frontends_token_is_good_nowhere_else(todo: Todo, path: str) -> None:
    await todo.task()
    assert (await todo.client.get(path, headers=todo.headers)).status_code == 401


async def test_a_frontends_token_opens_phase_3_for_the_same_user(todo: Todo) -> None:
    await todo.task(title="shared")
    answer = await todo.client.get(f"/phase3/api/{todo.user}/", headers=todo.headers)
    assert answer.status_code == 200
    assert [(task["title"], task["user_id"]) for task in answer.json()] == [("shared", todo.user)]


async def test_a_token_of_ours_opens_the_path_of_its_account(system: RunningApp) -> None:
    tokens = await system.register()
    url = f"{PREFIX}/api/{tokens['account']['id']}/tasks"
    answer = await system.client.post(url, json={"title": "x"}, headers=bearer(tokens))
    assert answer.status_code == 201
    assert answer.json()["user_id"] == tokens["account"]["id"]
    elsewhere = f"{PREFIX}/api/{opaque()}/tasks"
    answer = await system.client.get(elsewhere, headers=bearer(tokens))
    says(answer, 403, {"detail": "Not authorized to access this resource"})


async def test_a_token_of_the_replaced_server_names_its_user_the_same_way(todo: Todo) -> None:
    await todo.task(title="mine")
    old = signed({"sub": todo.user, "exp": int(time.time()) + 60}, SECRET_KEY)
    answer = await todo.client.get(
        f"{PREFIX}/api/{todo.user}/tasks", headers={"Authorization": f"Bearer {old}"}
    )
    assert [task["title"] for task in answer.json()["data"]["tasks"]] == ["mine"]


async def test_a_good_token_is_verified(todo: Todo) -> None:
    answer = await todo.client.post(f"{PREFIX}/api/auth/verify", headers=todo.headers)
    assert answer.status_code == 200
    expected = {
        "valid": True,
        "user_id": todo.user,
        "email": todo.claims["email"],
        "exp": todo.claims["exp"],
    }
    assert answer.json() == expected
    token = todo.headers["Authorization"].partition(" ")[2]
    answer = await todo.client.post(f"{PREFIX}/api/auth/verify", json={"token": token})
    assert (answer.status_code, answer.json()) == (200, expected)


async def test_what_a_verified_token_lacks_is_null(system: RunningApp) -> None:
    claims = frontend_claims(exp=None, email=None)
    body = {"token": signed(claims)}
    answer = await system.client.post(f"{PREFIX}/api/auth/verify", json=body)
    assert answer.json() == {"valid": True, "user_id": claims["sub"], "email": None, "exp": None}


@pytest.mark.parametrize("email", ["\ud800@example.org", 7, {"ada": "\ud800"}, "a\nb"])
async def test_an_email_that_cannot_be_shown_is_null(system: RunningApp, email: Any) -> None:
    claims = frontend_claims(email=email, name="\ud800")
    verified = await system.client.post(f"{PREFIX}/api/auth/verify", json={"token": signed(claims)})
    assert (verified.status_code, verified.json()["email"]) == (200, None)
    assert (await asked(system, claims["sub"], signed(claims))).status_code == 200


async def test_when_a_verified_token_ends_is_a_number(system: RunningApp) -> None:
    ends = int(time.time()) + 60
    for stated in (ends, str(ends)):
        body = {"token": signed(frontend_claims(exp=stated))}
        answer = await system.client.post(f"{PREFIX}/api/auth/verify", json=body)
        assert (answer.status_code, answer.json()["exp"]) == (200, ends)


async def test_a_bad_token_is_not_verified(system: RunningApp) -> None:
    url = f"{PREFIX}/api/auth/verify"
    old = signed(frontend_claims(exp=1))
    for answer in (
        await system.client.post(url, json={"token": old}),
        await system.client.post(url, headers={"Authorization": f"Bearer {old}"}),
    ):
        refused(answer, BAD + "Signature has expired.")
    nobody = signed(frontend_claims(sub=None))
    refused(
        await system.client.post(url, json={"token": nobody}),
        "Invalid token: missing 'sub' claim (user_id)",
    )
    for body in (None, {}, {"token": None}, {"token": ""}):
        refused(await system.client.post(url, json=body), "Not authenticated")


async def native(system: RunningApp, account: UUID) -> dict[str, Any]:
    """The account itself, which nobody can sign in to."""
    state = (await system.app.state.handler.load(account, ACCOUNTS)).state
    return {"email": state.email, "full_name": state.full_name}
