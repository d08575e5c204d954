"""Phase 3's users and edges: registering, signing in and out, and who is let in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from gateway.issuers import RESERVED
from tests.support.api import SECRET_KEY
from tests.support.app import RunningApp
from tests.support.phase3 import USER, Planner, planner, registration

V1 = "/phase3/api/v1"


@pytest.fixture
async def ann(system: RunningApp) -> Planner:
    return await planner(system.client)


async def test_registering_signs_in_at_once(system: RunningApp) -> None:
    wanted = registration(name="Ann Lee")
    answer = await system.client.post(f"{V1}/register", json=wanted)
    assert answer.status_code == 200
    user = answer.json()
    assert user.keys() == USER
    assert (user["email"], user["name"]) == (wanted["email"], "Ann Lee")
    assert user["created_at"].endswith("Z")
    assert await Planner(system.client, user).titles() == []


async def test_a_token_lasts_half_an_hour_and_names_the_user(ann: Planner) -> None:
    claims = jwt.decode(ann.user["token"], SECRET_KEY, algorithms=["HS256"])
    assert (claims["sub"], claims["dialect"]) == (ann.id, "phase3")
    assert claims["exp"] - claims["iat"] == 30 * 60


async def test_an_email_is_registered_once(system: RunningApp) -> None:
    first = registration()
    await system.client.post(f"{V1}/register", json=first)
    again = registration(email=first["email"].upper())
    answer = await system.client.post(f"{V1}/register", json=again)
    text = "User with this email already exists"
    assert (answer.status_code, answer.json()) == (409, {"detail": text, "message": text})


@pytest.mark.parametrize(
    ("changes", "kind", "loc"),
    [
        ({"email": "nobody"}, "value_error", ["body", "email"]),
        ({"name": ""}, "string_too_short", ["body", "name"]),
        ({"password": "short"}, "string_too_short", ["body", "password"]),
        ({"password": "a" * 101}, "string_too_long", ["body", "password"]),
        ({"confirm_password": "another"}, "value_error", ["body"]),
        ({"confirm_password": None}, "string_type", ["body", "confirm_password"]),
    ],
)
async def test_a_bad_registration_names_its_field(
    system: RunningApp, changes: dict[str, Any], kind: str, loc: list[str]
) -> None:
    answer = await system.client.post(f"{V1}/register", json=registration(**changes))
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == (kind, loc)


async def test_signing_in_is_by_email(ann: Planner) -> None:
    good = {"email": ann.user["email"], "password": "secret"}
    answer = await ann.client.post(f"{V1}/login", json=good)
    assert answer.status_code == 200
    assert answer.json().keys() == USER
    assert {**answer.json(), "token": ""} == {**ann.user, "token": ""}
    assert await Planner(ann.client, answer.json()).titles() == []


@pytest.mark.parametrize("password", ["wrong!", "", "a" * 5000])
async def test_a_wrong_login_is_a_401(ann: Planner, password: str) -> None:
    bad = {"email": ann.user["email"], "password": password}
    answer = await ann.client.post(f"{V1}/login", json=bad)
    text = "Incorrect email or password"
    assert (answer.status_code, answer.json()) == (401, {"detail": text, "message": text})
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_unknown_login_is_the_same_401(system: RunningApp) -> None:
    bad = {"email": registration()["email"], "password": "secret"}
    answer = await system.client.post(f"{V1}/login", json=bad)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Incorrect email or password")


async def test_a_profile_comes_with_a_fresh_token(ann: Planner) -> None:
    answer = await ann.client.get(f"{V1}/profile", headers=ann.headers)
    assert answer.status_code == 200
    assert {**answer.json(), "token": ""} == {**ann.user, "token": ""}
    assert await Planner(ann.client, answer.json()).titles() == []


async def test_signing_out_ends_the_session(ann: Planner) -> None:
    """It used to end nothing."""
    answer = await ann.client.post(f"{V1}/logout", headers=ann.headers)
    assert (answer.status_code, answer.json()) == (200, {"message": "Successfully logged out"})
    answer = await ann.ask("GET")
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Could not validate credentials"


async def test_signing_out_needs_no_token(system: RunningApp) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = await system.client.post(f"{V1}/logout", headers=headers)
        assert (answer.status_code, answer.json()["message"]) == (200, "Successfully logged out")


def signed(**changes: Any) -> str:
    now = datetime.now(UTC)
    known = {"sub": str(uuid4()), "sid": str(uuid4()), "iat": now, "exp": now + timedelta(hours=1)}
    claims = {name: value for name, value in {**known, **changes}.items() if value is not None}
    return jwt.encode(claims, SECRET_KEY, "HS256")


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        (None, "Not authenticated"),
        ("Bearer nonsense", "Could not validate credentials"),
        ("Bearer " + signed()[:-4] + "AAAA", "Could not validate credentials"),
        ("Bearer " + signed(exp=datetime(2020, 1, 1, tzinfo=UTC)), "Token has expired"),
        ("Bearer " + signed(exp=1577836800.5), "Token has expired"),
        ("Bearer " + signed(exp=None), "Could not validate credentials"),
        ("Bearer " + signed(sub=None), "Could not validate credentials"),
        ("Bearer " + signed(sub=7), "Could not validate credentials"),
    ],
)
@pytest.mark.parametrize("path", ["/phase3/api/somebody/", f"{V1}/profile"])
async def test_without_a_good_token_nobody_gets_in(
    system: RunningApp, path: str, authorization: str | None, text: str
) -> None:
    """Every bad token was an internal error."""
    headers = {"Authorization": authorization} if authorization else {}
    answer = await system.client.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"detail": text, "message": text})
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("claim", ["sub", "user_id"])
async def test_a_token_of_the_replaced_server_is_good_for_whom_it_names(
    system: RunningApp, claim: str
) -> None:
    """Their id is whatever text that server gave them."""
    id = f"user {uuid4().hex}"
    token = signed(**{"sub": None, "sid": None, "iat": None, claim: id, "exp": 4e9 + 0.5})
    old = Planner(system.client, {"id": id, "token": token})
    task = await old.task()
    assert task["user_id"] == id
    assert (await old.ask("PATCH", f"{task['id']}/toggle")).json()["completed"] is True
    assert await old.titles() == ["Plan"]
    profile = (await system.client.get(f"{V1}/profile", headers=old.headers)).json()
    assert (profile["id"], profile["token"]) == (id, token)
    answer = await system.client.get("/phase3/api/another/", headers=old.headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("word", sorted(RESERVED))
async def test_what_is_something_else_is_no_user(ann: Planner, word: str) -> None:
    """Also not for a token that says it is that user."""
    text = "Not Found"
    old = {"Authorization": f"Bearer {signed(sub=word, sid=None)}"}
    for headers in ({}, ann.headers, old):
        for method, path in (("GET", f"{word}/1"), ("POST", word), ("PATCH", f"{word}/1/toggle")):
            answer = await ann.client.request(method, f"/phase3/api/{path}", headers=headers)
            assert answer.status_code in (404, 405), path
            if answer.status_code == 404:
                assert answer.json() == {"detail": text, "message": text}


async def test_the_ways_in_need_no_token(system: RunningApp) -> None:
    health = {"status": "healthy", "service": "todo-backend"}
    welcome = {"message": "Welcome to the Todo API"}
    for path, body in (("/health", health), ("/health/", health), ("/", welcome), ("", welcome)):
        answer = await system.client.get(f"/phase3{path}")
        assert (answer.status_code, answer.json()) == (200, body)


async def test_what_there_is_not_is_said_as_it_was(ann: Planner) -> None:
    answer = await ann.client.get("/phase3/nothing")
    assert answer.json() == dict.fromkeys(("detail", "message"), "Not Found")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    answer = await ann.client.put("/phase3/api/" + ann.id, headers=ann.headers)
    assert answer.json() == dict.fromkeys(("detail", "message"), "Method Not Allowed")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "POST"}


async def test_a_body_that_is_no_json_says_where(ann: Planner) -> None:
    headers = {**ann.headers, "Content-Type": "application/json"}
    url = f"/phase3/api/{ann.id}/"
    answer = await ann.client.post(url, content=b'{"title": ', headers=headers)
    [error] = answer.json()["detail"]
    assert answer.status_code == 422
    assert (error["type"], error["msg"]) == ("json_invalid", "JSON decode error")
    assert error["loc"] == ["body", 10]


async def test_every_page_may_call_it_and_read_the_authorization(ann: Planner) -> None:
    origin = {"Origin": "https://todo.example.org"}
    asked = {
        **origin,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = await ann.client.options(f"/phase3/api/{ann.id}/1/toggle", headers=asked)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["access-control-allow-origin"] == origin["Origin"]
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert answer.headers["access-control-allow-credentials"] == "true"
    answer = await ann.client.get("/phase3/api/x/", headers=origin)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Authorization" in answer.headers["access-control-expose-headers"].split(", ")
