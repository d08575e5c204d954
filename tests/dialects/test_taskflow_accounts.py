"""TaskFlow's users: signing up and in, one's own profile, and who is let in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from events.ids import NUMBER_OFFSET
from tests.support.api import SECRET_KEY, person
from tests.support.app import RunningApp
from tests.support.taskflow import (
    PREFIX,
    USER,
    Flow,
    logged_in,
    misses,
    registration,
    says,
    signed_up,
)

SIGN_UP, LOG_IN, PROFILE = f"{PREFIX}/auth/signup", f"{PREFIX}/auth/login", "/user/profile"


@pytest.fixture
async def flow(system: RunningApp) -> Flow:
    return await signed_up(system.client)


async def test_signing_up_answers_with_the_user_and_no_token(system: RunningApp) -> None:
    wanted = registration()
    answer = await system.client.post(SIGN_UP, json=wanted)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")
    user = answer.json()
    assert user.keys() == USER
    assert (user["email"], user["full_name"]) == (wanted["email"], wanted["full_name"])
    assert user["id"] > NUMBER_OFFSET
    assert user["created_at"].endswith("Z")


async def test_an_email_is_registered_once(system: RunningApp) -> None:
    first = registration()
    await system.client.post(SIGN_UP, json=first)
    again = registration(email=first["email"].upper())
    says(await system.client.post(SIGN_UP, json=again), 400, "Email already registered")


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"email": "nobody"}, "value_error", "email"),
        ({"email": None}, "string_type", "email"),
        ({"password": "short"}, "string_too_short", "password"),
        ({"password": "a" * 1025}, "value_error", "password"),
        ({"full_name": ""}, "string_too_short", "full_name"),
        ({"full_name": "a" * 256}, "string_too_long", "full_name"),
    ],
)
async def test_a_bad_registration_names_its_field(
    system: RunningApp, changes: dict[str, Any], kind: str, field: str
) -> None:
    answer = await system.client.post(SIGN_UP, json=registration(**changes))
    misses(answer, kind, "body", field)


@pytest.mark.parametrize("field", ["email", "password", "full_name"])
async def test_a_registration_is_complete(system: RunningApp, field: str) -> None:
    wanted = registration()
    del wanted[field]
    misses(await system.client.post(SIGN_UP, json=wanted), "missing", "body", field)


async def test_a_token_lasts_a_day_and_is_told_as_it_was(system: RunningApp) -> None:
    known = registration()
    user = (await system.client.post(SIGN_UP, json=known)).json()
    good = {"email": known["email"].upper(), "password": known["password"]}
    answer = await system.client.post(LOG_IN, json=good)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json().keys() == {"access_token", "token_type"}
    assert answer.json()["token_type"] == "bearer"
    token = answer.json()["access_token"]
    claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"])
    assert claims["dialect"] == "taskflow"
    assert claims["exp"] - claims["iat"] == 24 * 60 * 60
    assert (await Flow(system.client, user, token).ask("GET", PROFILE)).json() == user


async def test_a_wrong_login_says_nothing_of_what_was_wrong(system: RunningApp, flow: Flow) -> None:
    for body in (
        {"email": flow.user["email"], "password": "wrong!"},
        {"email": f"{uuid4().hex}@example.org", "password": "secret"},
        {"email": flow.user["email"], "password": "a" * 2000},
    ):
        answer = await system.client.post(LOG_IN, json=body)
        says(answer, 401, "Incorrect email or password")


async def test_signing_in_is_by_email_and_in_json(system: RunningApp) -> None:
    known = person()
    assert (await system.client.post("/v1/accounts", json=known)).status_code == 201
    by_name = {"email": known["username"], "password": known["password"]}
    misses(await system.client.post(LOG_IN, json=by_name), "value_error", "body", "email")
    form = {"email": known["email"], "password": known["password"]}
    assert (await system.client.post(LOG_IN, data=form)).status_code == 422
    assert await logged_in(system.client, known["email"], known["password"])
    answer = await system.client.post(LOG_IN, json={**form, "password": 1})
    misses(answer, "string_type", "body", "password")


async def test_a_profile_changes_by_what_is_sent(flow: Flow) -> None:
    assert (await flow.ask("GET", PROFILE)).json() == flow.user
    email = f"{uuid4().hex}@example.org"
    answer = await flow.ask("PUT", PROFILE, {"full_name": "Ada King", "email": email})
    changed = {**flow.user, "full_name": "Ada King", "email": email}
    assert (answer.status_code, answer.json()) == (200, changed)
    assert (await flow.ask("PUT", PROFILE, {"full_name": "Ada"})).json()["email"] == email
    assert (await flow.ask("GET", PROFILE)).json() == {**changed, "full_name": "Ada"}


@pytest.mark.parametrize("body", [{}, {"full_name": None, "email": None}, {"id": 7}])
async def test_a_change_of_nothing_leaves_the_profile(flow: Flow, body: dict[str, Any]) -> None:
    answer = await flow.ask("PUT", PROFILE, body)
    assert (answer.status_code, answer.json()) == (200, flow.user)


async def test_an_email_that_others_use_changes_nothing(system: RunningApp, flow: Flow) -> None:
    other = await signed_up(system.client)
    body = {"full_name": "Eve", "email": other.user["email"]}
    says(await flow.ask("PUT", PROFILE, body), 400, "Email already in use")
    assert (await flow.ask("GET", PROFILE)).json() == flow.user
    own = await flow.ask("PUT", PROFILE, {"email": flow.user["email"]})
    assert (own.status_code, own.json()) == (200, flow.user)


async def test_a_bad_change_names_its_field(flow: Flow) -> None:
    misses(await flow.ask("PUT", PROFILE, {"email": "me"}), "value_error", "body", "email")


async def test_the_token_outlives_a_change_of_email(system: RunningApp, flow: Flow) -> None:
    """It used to be an internal error from then on."""
    email = f"{uuid4().hex}@example.org"
    await flow.ask("PUT", PROFILE, {"email": email})
    assert (await flow.ask("GET", PROFILE)).json()["email"] == email
    assert (await flow.ask("GET", "/tasks")).status_code == 200
    assert await logged_in(system.client, email, "secret")
    old = {"email": flow.user["email"], "password": "secret"}
    says(await system.client.post(LOG_IN, json=old), 401, "Incorrect email or password")


async def test_a_deactivated_account_is_signed_out_and_not_let_in(
    system: RunningApp, flow: Flow
) -> None:
    """Which no TaskFlow account could be, so there are no words for it."""
    body = {"login": flow.user["email"], "password": "secret"}
    tokens = (await system.client.post("/v1/sessions", json=body)).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    gone = await system.client.post(
        "/v1/me/deactivate", json={"password": "secret"}, headers=headers
    )
    assert gone.status_code == 204, gone.text
    says(await flow.ask("GET", PROFILE), 401, "Could not validate credentials")
    login = {"email": flow.user["email"], "password": "secret"}
    says(await system.client.post(LOG_IN, json=login), 401, "Incorrect email or password")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user/profile"),
        ("PUT", "/user/profile"),
        ("POST", "/tasks"),
        ("GET", "/tasks"),
        ("GET", "/tasks/1"),
        ("PUT", "/tasks/1"),
        ("DELETE", "/tasks/1"),
    ],
)
async def test_without_a_good_token_nobody_gets_in(
    system: RunningApp, method: str, path: str
) -> None:
    for authorization, detail in (
        (None, "Not authenticated"),
        ("Bearer", "Not authenticated"),
        ("Basic YTpi", "Invalid authentication credentials"),
        ("Bearer nonsense", "Could not validate credentials"),
    ):
        headers = {"Authorization": authorization} if authorization else {}
        says(await system.client.request(method, PREFIX + path, headers=headers), 401, detail)


async def test_a_token_that_has_expired_is_refused(system: RunningApp, flow: Flow) -> None:
    claims = jwt.decode(flow.token, SECRET_KEY, algorithms=["HS256"])
    late = {**claims, "exp": datetime.now(UTC) - timedelta(minutes=1)}
    late_flow = Flow(system.client, flow.user, jwt.encode(late, SECRET_KEY, "HS256"))
    says(await late_flow.ask("GET", PROFILE), 401, "Could not validate credentials")


async def test_a_token_of_the_replaced_server_goes_on(system: RunningApp, flow: Flow) -> None:
    """It named the e-mail; one of nobody is refused, where it was an internal error."""
    soon = datetime.now(UTC) + timedelta(hours=1)
    for email, status in ((flow.user["email"], 200), (f"{uuid4().hex}@example.org", 401)):
        older = jwt.encode({"sub": email, "exp": soon}, SECRET_KEY, "HS256")
        answer = await Flow(system.client, flow.user, older).ask("GET", PROFILE)
        assert answer.status_code == status


async def test_its_tokens_are_good_here_only(system: RunningApp, flow: Flow) -> None:
    await flow.task()
    for path in ("/v1/me", "/taskhub/api/auth/me", "/taskmanager/tasks"):
        answer = await system.client.get(path, headers=flow.headers)
        assert answer.status_code == 401, path
    assert (await flow.ask("GET", "/tasks")).status_code == 200


async def test_other_systems_tokens_are_not_good_here_but_ours_are(
    system: RunningApp, flow: Flow
) -> None:
    known = {**registration(), "username": uuid4().hex[:12]}
    answer = await system.client.post("/taskhub/api/auth/register", json=known)
    guest = Flow(system.client, {}, answer.json()["access_token"])
    says(await guest.ask("GET", "/tasks"), 401, "Could not validate credentials")
    body = {"login": flow.user["email"], "password": "secret"}
    tokens = (await system.client.post("/v1/sessions", json=body)).json()
    native = Flow(system.client, flow.user, tokens["access_token"])
    assert (await native.ask("GET", PROFILE)).json() == flow.user
    assert tokens["account"]["number"] == flow.user["id"]
