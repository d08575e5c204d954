"""Accounts, sessions and workspaces over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.api import PASSWORD, bearer, person
from tests.support.app import RunningApp


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


async def registered(api: httpx.AsyncClient, who: dict[str, str]) -> dict[str, Any]:
    answer = await api.post("/v1/accounts", json=who)
    assert answer.status_code == 201, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def test_from_registration_to_sign_out(api: httpx.AsyncClient) -> None:
    body = person()
    answer = await api.post("/v1/accounts", json=body)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/me"
    assert answer.headers["Cache-Control"] == "no-store"
    ada = answer.json()
    assert ada["token_type"] == "Bearer"
    me = await api.get("/v1/me", headers=bearer(ada))
    assert me.json() == ada["account"]
    assert me.headers["ETag"] == '"1"'
    refresh = {"refresh_token": ada["refresh_token"]}
    answer = await api.post("/v1/sessions/refresh", json=refresh)
    assert answer.status_code == 200
    assert answer.json()["session"] == ada["session"]
    answer = await api.delete("/v1/sessions/current", headers=bearer(ada))
    assert answer.status_code == 204
    answer = await api.get("/v1/me", headers=bearer(ada))
    assert answer.status_code == 401
    assert answer.json()["code"] == "session-ended"
    login = {"login": body["email"], "password": PASSWORD}
    assert (await api.post("/v1/sessions", json=login)).status_code == 201


@pytest.mark.parametrize("domain", ["xn--exmple-cua.org", "EXÄMPLE.org", "exämple。org"])
async def test_an_email_is_good_for_signing_in_as_it_was_typed(
    api: httpx.AsyncClient, domain: str
) -> None:
    """It is kept in one form, with an international domain in letters."""
    body = {**person(), "email": f"{uuid4().hex}@{domain}"}
    ada = await registered(api, body)
    assert ada["account"]["email"].endswith("@exämple.org")
    for email in (body["email"], ada["account"]["email"]):
        login = {"login": email, "password": PASSWORD}
        assert (await api.post("/v1/sessions", json=login)).status_code == 201


async def test_sessions_are_listed_and_ended(api: httpx.AsyncClient) -> None:
    body = person()
    await registered(api, body)
    login = {"login": body["username"].upper(), "password": PASSWORD}
    phone = (await api.post("/v1/sessions", json=login, headers={"User-Agent": "a phone"})).json()
    here = (await api.post("/v1/sessions", json=login, headers={"User-Agent": "here"})).json()
    page = (await api.get("/v1/sessions", headers=bearer(here))).json()
    assert [item["id"] for item in page["items"][:2]] == [here["session"], phone["session"]]
    assert [item["current"] for item in page["items"]] == [True, False, False]
    assert page["items"][1]["user_agent"] == "a phone"
    first = (await api.get("/v1/sessions?limit=2", headers=bearer(here))).json()
    rest = await api.get(
        "/v1/sessions", params={"cursor": first["next_cursor"]}, headers=bearer(here)
    )
    assert first["items"] + rest.json()["items"] == page["items"]
    answer = await api.delete(f"/v1/sessions/{phone['session']}", headers=bearer(here))
    assert answer.status_code == 204
    assert (await api.get("/v1/me", headers=bearer(phone))).status_code == 401
    change = {"current": PASSWORD, "new": "another password"}
    answer = await api.put("/v1/me/password", json=change, headers=bearer(here))
    assert answer.status_code == 200
    page = (await api.get("/v1/sessions", headers=bearer(here))).json()
    assert [item["id"] for item in page["items"]] == [here["session"]]


async def test_a_profile_is_patched(api: httpx.AsyncClient) -> None:
    ada, name = await registered(api, person()), person()["username"]
    answer = await api.patch("/v1/me", json={"username": name}, headers=bearer(ada, If_Match='"1"'))
    assert answer.status_code == 200
    assert answer.json()["username"] == name
    assert answer.headers["ETag"] == '"2"'
    stale = await api.patch(
        "/v1/me", json={"full_name": "Ada King"}, headers=bearer(ada, If_Match='"1"')
    )
    assert stale.status_code == 412
    key = {"Idempotency_Key": "once"}
    change = {"email": person()["email"], "password": PASSWORD}
    first = await api.put("/v1/me/email", json=change, headers=bearer(ada, **key))
    again = await api.put("/v1/me/email", json=change, headers=bearer(ada, **key))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await api.get("/v1/me", headers=bearer(ada))).json() == first.json()


async def test_a_profile_says_where_and_in_which_language(api: httpx.AsyncClient) -> None:
    ada = await registered(api, person())
    wanted = {
        "full_name": "Ada King",
        "avatar_url": "https://example.org/ada.png",
        "time_zone": "Europe/London",
        "locale": "en-GB",
    }
    answer = await api.patch("/v1/me", json={**wanted, "locale": "EN-gb"}, headers=bearer(ada))
    assert (answer.status_code, answer.json()) == (200, answer.json() | wanted)
    assert (await api.get("/v1/me", headers=bearer(ada))).json() == answer.json()
    again = await api.patch("/v1/me", json={"locale": "en-gb"}, headers=bearer(ada))
    assert again.json()["version"] == answer.json()["version"]
    cleared = {"avatar_url": None, "time_zone": None, "locale": None}
    answer = await api.patch("/v1/me", json=cleared, headers=bearer(ada))
    assert answer.json() == answer.json() | cleared


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Mars/Base"}, "unknown-time-zone"),
        ({"time_zone": ""}, "invalid"),
        ({"locale": "not a language"}, "invalid"),
        ({"locale": "en-"}, "not-a-locale"),
        ({"avatar_url": "javascript:alert(1)"}, "invalid"),
    ],
)
async def test_a_bad_profile_names_its_field(
    api: httpx.AsyncClient, change: dict[str, str], code: str
) -> None:
    ada = await registered(api, person())
    answer = await api.patch("/v1/me", json=change, headers=bearer(ada))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["field"] in change


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"email": "lovelace"}, 422, "email"),
        ({"email": "a\x00b@example.org"}, 400, "email"),
        ({"email": "x" * 250 + "@example.org"}, 422, "email"),
        ({"password": "short"}, 422, "password"),
        ({"password": "x" * 1025}, 422, "password"),
        ({"password": "ä" * 1000}, 422, "password"),
        ({"full_name": ""}, 422, "full_name"),
        ({"full_name": "  "}, 422, "full_name"),
        ({"full_name": "Ada\nLovelace"}, 422, "full_name"),
        ({"full_name": "Ada\u0000"}, 400, "full_name"),
        ({"full_name": "Ada\u2028"}, 422, "full_name"),
        ({"full_name": None}, 422, "full_name"),
        ({"username": "a@b"}, 422, "username"),
        ({"username": "ab"}, 422, "username"),
        ({"admin": True}, 422, "admin"),
    ],
)
async def test_a_bad_registration_names_its_field(
    api: httpx.AsyncClient, change: dict[str, Any], status: int, field: str
) -> None:
    answer = await api.post("/v1/accounts", json=person() | change)
    assert answer.status_code == status, answer.text
    assert answer.json().get("field") == field, answer.text
    assert "Lovelace" not in answer.text


async def test_what_is_taken_is_a_conflict(api: httpx.AsyncClient) -> None:
    body = person()
    await registered(api, body)
    for other, field in (("email", "username"), ("username", "email")):
        change = {other: person()[other]}
        answer = await api.post("/v1/accounts", json=body | change)
        assert (answer.status_code, answer.json()["field"]) == (409, field)


async def test_bad_logins_are_refused_and_then_slowed(api: httpx.AsyncClient) -> None:
    body = person()
    await registered(api, body)
    login = {"login": body["email"], "password": "wrong"}
    for _ in range(5):
        answer = await api.post("/v1/sessions", json=login)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad-credentials")
    answer = await api.post("/v1/sessions", json=login)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_team_shares_a_workspace(api: httpx.AsyncClient) -> None:
    ada, eve = await registered(api, person()), await registered(api, person("Eve"))
    body = {"name": " Household ", "time_zone": "Europe/Rome"}
    made = await api.post("/v1/workspaces", json=body, headers=bearer(ada))
    assert made.status_code == 201
    place = made.headers["Location"]
    assert (made.json()["name"], made.json()["role"]) == ("Household", "owner")
    assert (await api.get(place, headers=bearer(eve))).status_code == 404
    added = await api.post(
        f"{place}/members", json={"email": eve["account"]["email"].upper()}, headers=bearer(ada)
    )
    assert added.status_code == 201
    assert added.json()["role"] == "member"
    again = await api.post(
        f"{place}/members", json={"account": eve["account"]["id"]}, headers=bearer(ada)
    )
    assert (again.status_code, again.json()["code"]) == (409, "already-a-member")
    eves = bearer(eve)
    shown = await api.get(place, params={"min_position": "head"}, headers=eves)
    assert shown.json()["role"] == "member"
    page = (await api.get(f"{place}/members", headers=eves)).json()
    assert [item["full_name"] for item in page["items"]] == ["Ada Lovelace", "Eve"]
    member = added.headers["Location"]
    changed = await api.patch(member, json={"role": "admin"}, headers=bearer(ada))
    assert changed.json() == page["items"][1] | {"role": "admin"}
    renamed = await api.patch(place, json={"name": "Home"}, headers=eves)
    assert renamed.json()["name"] == "Home"
    assert (await api.delete(f"{place}/members/me", headers=bearer(ada))).status_code == 409
    assert (await api.delete(f"{place}/members/me", headers=eves)).status_code == 204
    assert (await api.patch(place, json={"name": "Mine"}, headers=eves)).status_code == 404
    mine = await api.get("/v1/workspaces?min_position=head", headers=bearer(ada))
    assert [item["name"] for item in mine.json()["items"]] == ["Personal", "Home"]


async def test_only_those_who_may_add_learn_who_has_an_account(api: httpx.AsyncClient) -> None:
    ada, eve = await registered(api, person()), await registered(api, person("Eve"))
    place = (await api.post("/v1/workspaces", json={"name": "x"}, headers=bearer(ada))).headers[
        "Location"
    ]
    for email in (person()["email"], ada["account"]["email"]):
        answer = await api.post(f"{place}/members", json={"email": email}, headers=bearer(eve))
        assert answer.status_code == 404
    answer = await api.post(
        f"{place}/members", json={"email": person()["email"]}, headers=bearer(ada)
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "no-such-account")
    both = {"email": eve["account"]["email"], "account": eve["account"]["id"]}
    for body in (both, {}, {"account": str(uuid4())}, {"account": ada["session"]}):
        answer = await api.post(f"{place}/members", json=body, headers=bearer(ada))
        assert answer.status_code == 422, answer.text


async def test_a_foreign_id_is_nothing_here(api: httpx.AsyncClient) -> None:
    ada = await registered(api, person())
    for id in (ada["account"]["id"], ada["session"], str(uuid4())):
        answer = await api.patch(f"/v1/workspaces/{id}", json={"name": "x"}, headers=bearer(ada))
        assert answer.status_code == 404, answer.text
    answer = await api.delete(f"/v1/sessions/{ada['account']['id']}", headers=bearer(ada))
    assert answer.status_code == 404


async def test_a_stranger_gets_in_nowhere(api: httpx.AsyncClient) -> None:
    for method, path in (
        ("GET", "/v1/me"),
        ("PATCH", "/v1/me"),
        ("PUT", "/v1/me/email"),
        ("PUT", "/v1/me/password"),
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("POST", "/v1/workspaces"),
        ("GET", "/v1/workspaces"),
    ):
        answer = await api.request(method, path, headers={"Authorization": "Bearer x.y.z"})
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_member_is_added_once_whoever_has_the_email_by_now(api: httpx.AsyncClient) -> None:
    who = person()
    ada, eve, bob = [await registered(api, body) for body in (person(), who, person())]
    made = await api.post("/v1/workspaces", json={"name": "Shared"}, headers=bearer(ada))
    place, keyed = f"{made.headers['Location']}/members", bearer(ada, Idempotency_Key="once")
    added = await api.post(place, json={"email": who["email"]}, headers=keyed)
    assert added.status_code == 201, added.text
    for tokens, email in ((eve, person()["email"]), (bob, who["email"])):
        body = {"email": email, "password": PASSWORD}
        changed = await api.put("/v1/me/email", json=body, headers=bearer(tokens))
        assert changed.status_code == 200, changed.text
        again = await api.post(place, json={"email": who["email"]}, headers=keyed)
        assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
        assert again.json()["account"] == eve["account"]["id"]
