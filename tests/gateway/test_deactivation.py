"""An account that its person deactivates, and takes up again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from events.refusals import NotFound, Unauthenticated
from gateway.bootstrap.operating import disable, enable
from tests.support.api import PASSWORD, bearer, person
from tests.support.app import RunningApp
from tests.support.log import Log, open_log
from tests.support.people import Person, register, sharing
from tests.support.signing_in import (
    is_good,
    open_process,
    refreshed,
    registered,
    signed_in,
    visit,
)
from tests.support.streaming import socket_to

Json = dict[str, Any]
DEACTIVATE = "/v1/me/deactivate"


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


@pytest.fixture
async def ada(api: httpx.AsyncClient) -> Person:
    return await register(api, "ada")


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


async def login(api: httpx.AsyncClient, who: Person, password: str = PASSWORD) -> httpx.Response:
    return await api.post("/v1/sessions", json={"login": who.email, "password": password})


async def test_deactivating_ends_every_session_at_once(api: httpx.AsyncClient, ada: Person) -> None:
    phone = Person(api, (await login(api, ada)).json())
    answer = await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Tasktrail-Position"]
    for session in (ada, phone):
        refused = await session.ask("GET", "/v1/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "session-ended")
        token = {"refresh_token": session.tokens["refresh_token"]}
        again = await api.post("/v1/sessions/refresh", json=token)
        assert (again.status_code, again.json()["code"]) == (401, "refresh-token-invalid")


async def test_deactivating_closes_the_open_streams(served: RunningApp, ada: Person) -> None:
    async with socket_to(served, ada.tokens["access_token"]) as stream:
        await stream.heard("live")
        await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
        assert await stream.closed() == (4401, "session-ended")


async def test_only_who_knows_the_password_learns_that_it_is_deactivated(
    api: httpx.AsyncClient, ada: Person
) -> None:
    wrong = await login(api, ada, "wrong")
    await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
    right = await login(api, ada)
    assert (right.status_code, right.json()["code"]) == (403, "account-deactivated")
    assert ada.email not in right.text
    still_wrong = await login(api, ada, "wrong")
    said = [
        {name: text for name, text in answer.json().items() if name != "request_id"}
        for answer in (wrong, still_wrong)
    ]
    assert said[0] == said[1]
    assert (still_wrong.status_code, said[0]["code"]) == (401, "bad-credentials")


async def test_reactivating_signs_in_and_brings_no_old_session_back(
    api: httpx.AsyncClient, ada: Person
) -> None:
    task = await ada.made("/v1/tasks", {"title": "Buy milk"})
    await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
    body = {"login": ada.email, "password": PASSWORD}
    wrong = await api.post("/v1/me/reactivate", json={**body, "password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad-credentials")
    assert (await login(api, ada)).status_code == 403
    answer = await api.post("/v1/me/reactivate", json=body)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    again = Person(api, answer.json())
    assert (await again.ask("GET", f"/v1/tasks/{task['id']}")).json()["title"] == "Buy milk"
    assert (await ada.ask("GET", "/v1/me")).status_code == 401
    assert (await login(api, ada)).status_code == 201
    sessions = (await again.ask("GET", "/v1/sessions")).json()["items"]
    assert str(ada.tokens["session"]) not in {each["id"] for each in sessions}


async def test_an_active_account_that_is_reactivated_is_signed_in(
    api: httpx.AsyncClient, ada: Person
) -> None:
    body = {"login": ada.email, "password": PASSWORD}
    answer = await api.post("/v1/me/reactivate", json=body)
    assert (answer.status_code, answer.json()["account"]["version"]) == (201, 1)
    assert (await ada.ask("GET", "/v1/me")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"password": "wrong"}, 403, "wrong-password"),
        ({"password": ""}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
async def test_deactivating_takes_the_password(
    ada: Person, body: Json, status: int, code: str
) -> None:
    answer = await ada.ask("POST", DEACTIVATE, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await ada.ask("GET", "/v1/me")).status_code == 200


async def test_nobody_deactivates_without_being_signed_in(api: httpx.AsyncClient) -> None:
    assert (await api.post(DEACTIVATE, json={"password": PASSWORD})).status_code == 401


async def test_who_is_disabled_is_out_until_they_are_enabled(
    served: RunningApp, api: httpx.AsyncClient, ada: Person
) -> None:
    async with socket_to(served, ada.tokens["access_token"]) as stream:
        await stream.heard("live")
        await disable(served.settings, ada.email.upper())
        assert await stream.closed() == (4401, "session-ended")
    assert (await ada.ask("GET", "/v1/me")).status_code == 401
    body = {"login": ada.email, "password": PASSWORD}
    for answer in (await login(api, ada), await api.post("/v1/me/reactivate", json=body)):
        assert (answer.status_code, answer.json()["code"]) == (403, "account-disabled")
    assert (await login(api, ada, "wrong")).json()["code"] == "bad-credentials"
    await enable(served.settings, ada.username)
    assert (await login(api, ada)).status_code == 201
    assert (await ada.ask("GET", "/v1/me")).status_code == 401
    with pytest.raises(NotFound):
        await disable(served.settings, "nobody@example.org")


async def test_the_names_of_a_deactivated_account_stay_its_own(
    api: httpx.AsyncClient, ada: Person
) -> None:
    await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
    taken = await api.post("/v1/accounts", json=person() | {"email": ada.email})
    assert (taken.status_code, taken.json()["code"]) == (409, "email-taken")


async def test_colleagues_see_who_is_not_active(api: httpx.AsyncClient, ada: Person) -> None:
    eve = await register(api, "eve")
    home = await sharing(ada, eve)
    await eve.ask("POST", DEACTIVATE, {"password": PASSWORD})
    path = f"/v1/workspaces/{home}/members"
    listed = (await ada.ask("GET", f"{path}?min_position=head")).json()["items"]
    assert [(each["account"], each["active"]) for each in listed] == [
        (ada.id, True),
        (eve.id, False),
    ]
    changed = await ada.ask("PATCH", f"{path}/{eve.id}", {"role": "viewer"})
    assert (changed.status_code, changed.json()) == (200, {**listed[1], "role": "viewer"})


async def test_other_processes_hear_of_it_from_the_log(log: Log) -> None:
    async with open_process(log) as here, open_process(log) as there:
        ada = await registered(here)
        phone = await signed_in(there, "ada@example.org")
        assert await is_good(there, phone)
        await here.auth.deactivate(PASSWORD, visit(ada))
        assert not await is_good(here, phone)
        assert await is_good(there, phone)  # it was found good lately
        [event] = (await log.reader.stream(ada.account.id))[-1:]
        there.auth.on_event(event)
        assert not await is_good(there, phone)
        with pytest.raises(Unauthenticated):
            await refreshed(there, phone.refresh_token)


async def test_a_signed_in_header_of_the_past_is_of_no_use(
    api: httpx.AsyncClient, ada: Person
) -> None:
    await ada.ask("POST", DEACTIVATE, {"password": PASSWORD})
    body = {"login": ada.email, "password": PASSWORD}
    answer = await api.post("/v1/me/reactivate", json=body, headers=bearer(ada.tokens))
    assert answer.status_code == 201
