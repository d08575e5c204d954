"""Tokens that a replaced server had signed with the same key: each frontend stays signed in."""

import json
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from events.ids import new_id
from tests.support.api import PASSWORD, SECRET_KEY, bearer, person
from tests.support.app import RunningApp
from tests.support.hub import Hub
from tests.support.todo import BETTER_AUTH_SECRET, opaque, signed

Json = dict[str, Any]
OTHER = "another secret, which nobody here knows"


class Known:
    """An account of which every system knows its own name."""

    def __init__(self, client: httpx.AsyncClient, tokens: Json) -> None:
        self.client = client
        self.tokens = tokens
        self.id = str(tokens["account"]["id"])
        self.email = str(tokens["account"]["email"])
        self.username = str(tokens["account"]["username"])

    async def ask(self, path: str, claims: Json, key: str = SECRET_KEY) -> httpx.Response:
        return await asked(self.client, path, claims, key)


async def asked(
    client: httpx.AsyncClient, path: str, claims: Json, key: str = SECRET_KEY
) -> httpx.Response:
    given = {"exp": int(time.time()) + 600, **claims}
    token = signed({name: value for name, value in given.items() if value is not None}, key)
    return await client.get(path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
async def known(system: RunningApp) -> Known:
    answer = await system.client.post("/v1/accounts", json=person())
    assert answer.status_code == 201, answer.text
    return Known(system.client, answer.json())


def calls(known: Known) -> list[tuple[str, str, str]]:
    """Where each system's token goes, and what it called its user."""
    return [
        ("taskflow", "/taskflow/user/profile", known.email),
        ("taskhub", "/taskhub/api/auth/me", known.id),
        ("taskmanager", "/taskmanager/tasks", known.username),
        ("phase3", f"/phase3/api/{known.id}/", known.id),
        ("todo", f"/todo/api/{known.id}/tasks", known.id),
    ]


async def test_each_system_takes_the_name_that_it_knew(known: Known) -> None:
    for system, path, name in calls(known):
        assert (system, (await known.ask(path, {"sub": name})).status_code) == (system, 200)
    profile = await known.ask("/taskflow/user/profile", {"sub": known.email.upper()})
    assert profile.json()["email"] == known.email
    me = await known.ask("/taskhub/api/auth/me", {"sub": known.id})
    assert me.json()["id"] == known.id


async def test_a_name_means_nothing_where_another_one_was_used(known: Known) -> None:
    """Whoever could choose a username there might have chosen somebody's e-mail."""
    for system, path, name in calls(known)[:3]:
        for other in {known.email, known.id, known.username} - {name}:
            answer = await known.ask(path, {"sub": other})
            assert (system, other, answer.status_code) == (system, other, 401)


async def test_they_are_good_below_their_systems_only(known: Known) -> None:
    for name in (known.email, known.id, known.username):
        answer = await known.ask("/v1/me", {"sub": name})
        assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"exp": None}, {"sub": None}, {"sub": ""}, {"dialect": "x"}],
)
async def test_a_bad_one_is_refused(known: Known, changes: Json) -> None:
    for system, path, name in calls(known)[:4]:
        answer = await known.ask(path, {"sub": name, **changes})
        assert (system, answer.status_code) == (system, 401)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert isinstance(answer.json()["detail"], str)
    wrong = await known.ask("/taskhub/api/auth/me", {"sub": known.id}, OTHER)
    assert wrong.status_code == 401


async def test_nobody_is_nobody(system: RunningApp) -> None:
    for path, name in (
        ("/taskflow/user/profile", f"{uuid4().hex}@example.org"),
        ("/taskhub/api/auth/me", str(new_id())),
        ("/taskmanager/tasks", uuid4().hex),
    ):
        assert (await asked(system.client, path, {"sub": name})).status_code == 401


async def test_phase_3_takes_either_claim_and_either_secret(system: RunningApp) -> None:
    """Its users may be another server's, and are the same by both secrets."""
    user = opaque()
    path = f"/phase3/api/{user}/"
    for claims, key in (
        ({"sub": user}, SECRET_KEY),
        ({"user_id": user}, SECRET_KEY),
        ({"sub": user, "user_id": "another"}, BETTER_AUTH_SECRET),
        ({"user_id": user}, BETTER_AUTH_SECRET),
    ):
        assert (await asked(system.client, path, claims, key)).status_code == 200
    assert (await asked(system.client, path, {"sub": user}, OTHER)).status_code == 401
    assert (await asked(system.client, path, {"sub": "x", "user_id": user})).status_code == 403
    token = signed({"sub": user, "exp": int(time.time()) + 60}, SECRET_KEY)
    made = await system.client.post(
        path, json={"title": "Plan"}, headers={"Authorization": f"Bearer {token}"}
    )
    found = await asked(system.client, path, {"sub": user}, BETTER_AUTH_SECRET)
    assert found.json() == [made.json()]


async def test_a_frontends_server_cannot_name_an_account_of_ours(known: Known) -> None:
    """By its own secret it names its own users, whatever they are called."""
    own = await known.client.post("/v1/tasks", json={"title": "mine"}, headers=bearer(known.tokens))
    assert own.status_code == 201
    answer = await known.ask(f"/phase3/api/{known.id}/", {"sub": known.id}, BETTER_AUTH_SECRET)
    assert (answer.status_code, answer.json()) == (200, [])
    answer = await known.ask(f"/phase3/api/{known.id}/", {"sub": known.id})
    assert [task["title"] for task in answer.json()] == ["mine"]


async def test_a_changed_password_ends_them(known: Known) -> None:
    body = {"current": PASSWORD, "new": "another password"}
    answer = await known.client.put("/v1/me/password", json=body, headers=bearer(known.tokens))
    assert answer.status_code == 200, answer.text
    for system, path, name in calls(known):
        assert (system, (await known.ask(path, {"sub": name})).status_code) == (system, 401)


async def test_a_deactivated_account_takes_none(known: Known) -> None:
    warm = await known.ask("/taskflow/user/profile", {"sub": known.email})
    assert warm.status_code == 200
    answer = await known.client.post(
        "/v1/me/deactivate", json={"password": PASSWORD}, headers=bearer(known.tokens)
    )
    assert answer.status_code in (200, 204), answer.text
    for system, path, name in calls(known):
        assert (system, (await known.ask(path, {"sub": name})).status_code) == (system, 401)


async def test_taskhubs_socket_takes_its_own(system: RunningApp, hub: Hub) -> None:
    def url(name: str) -> str:
        token = signed({"sub": name, "exp": int(time.time()) + 600}, SECRET_KEY)
        return f"{system.base.replace('http', 'ws')}/taskhub/ws/{token}"

    async with connect(url(hub.user["id"])) as socket:
        task = await hub.task(title="Plan")
        assert json.loads(await socket.recv())["data"]["task_id"] == task["id"]
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url(hub.user["email"])):
            pass
    assert refused.value.response.status_code == 403
