"""Task Manager's accounts: who registers, who signs in, and who is nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from tests.support.api import PASSWORD, SECRET_KEY
from tests.support.app import RunningApp
from tests.support.taskmanager import PREFIX, Manager, joined, misses, registration, says

REGISTER, LOGIN = f"{PREFIX}/auth/register", f"{PREFIX}/auth/login"


async def test_whoever_registers_is_shown_with_an_integer_id(system: RunningApp) -> None:
    fields = registration()
    answer = await system.client.post(REGISTER, json=fields)
    assert answer.status_code == 201
    user = answer.json()
    assert user.keys() == {"id", "username", "email", "created_at"}
    assert isinstance(user["id"], int)
    assert (user["username"], user["email"]) == (fields["username"], fields["email"])
    assert user["created_at"].endswith("Z")


@pytest.mark.parametrize("email", ["not an e-mail", "a@b", "@", "x" * 94, " <odd> "])
async def test_an_email_is_any_text(system: RunningApp, email: str) -> None:
    email += uuid4().hex[:6]
    manager = await joined(system.client, email=email)
    assert manager.user["email"] == email


@pytest.mark.parametrize(
    ("changes", "field", "kind"),
    [
        ({"username": "ab"}, "username", "string_too_short"),
        ({"username": "a" * 51}, "username", "string_too_long"),
        ({"email": "a" * 101}, "email", "string_too_long"),
        ({"email": None}, "email", "string_type"),
        ({"password": "1234567"}, "password", "string_too_short"),
        ({"password": "a" * 101}, "password", "string_too_long"),
    ],
)
async def test_names_and_passwords_have_their_lengths(
    system: RunningApp, changes: dict[str, Any], field: str, kind: str
) -> None:
    answer = await system.client.post(REGISTER, json=registration(**changes))
    misses(answer, "body", field, kind=kind)


async def test_the_shortest_and_the_longest_are_taken(system: RunningApp) -> None:
    short, long = uuid4().hex[:3], (uuid4().hex * 2)[:50]
    for name, password in ((f"é{short}"[:3], "é" * 8), (long, "é" * 100)):
        manager = await joined(system.client, username=name + "", password=password)
        assert manager.user["username"] == name


@pytest.mark.parametrize("field", ["username", "email"])
async def test_a_name_and_an_email_belong_to_one_user(system: RunningApp, field: str) -> None:
    first = registration()
    assert (await system.client.post(REGISTER, json=first)).status_code == 201
    answer = await system.client.post(REGISTER, json=registration(**{field: first[field]}))
    message = f"{field.capitalize()} '{first[field]}' is already registerd"
    says(answer, 409, {"error": "Duplicate User", "message": message, "field": field})


async def test_of_two_that_are_taken_the_username_is_named(system: RunningApp) -> None:
    first = registration()
    await system.client.post(REGISTER, json=first)
    answer = await system.client.post(REGISTER, json=first)
    assert (answer.status_code, answer.json()["field"]) == (409, "username")


async def test_one_signs_in_by_username(system: RunningApp) -> None:
    fields = registration()
    await system.client.post(REGISTER, json=fields)
    given = {"username": fields["username"], "password": fields["password"]}
    answer = await system.client.post(LOGIN, json=given)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type"}
    assert answer.json()["token_type"] == "bearer"
    claims = jwt.decode(answer.json()["access_token"], SECRET_KEY, algorithms=["HS256"])
    assert claims["exp"] - claims["iat"] == 720 * 60


@pytest.mark.parametrize("by", ["wrong", "nobody", "email", "long"])
async def test_who_may_not_sign_in_is_told_nothing_else(system: RunningApp, by: str) -> None:
    fields = registration()
    await system.client.post(REGISTER, json=fields)
    name, password = {
        "wrong": (fields["username"], "password2"),
        "nobody": (uuid4().hex, fields["password"]),
        "email": (fields["email"], fields["password"]),
        "long": (fields["username"], "a" * 5000),
    }[by]
    answer = await system.client.post(LOGIN, json={"username": name, "password": password})
    message = "Invalid username or password"
    says(answer, 401, {"error": "Authentication Failed", "message": message})
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_sign_in_is_json(system: RunningApp) -> None:
    given = {"username": "ada", "password": "password1"}
    assert (await system.client.post(LOGIN, data=given)).status_code == 422
    misses(await system.client.post(LOGIN, json={"username": "ada"}), "body", "password")
    misses(await system.client.post(LOGIN, content=b"{"), "body", 1, kind="json_invalid")


async def test_without_a_good_token_nobody_is_let_in(system: RunningApp) -> None:
    manager = await joined(system.client)
    soon = datetime.now(UTC) + timedelta(hours=1)
    late = soon - timedelta(hours=2)
    ours = {"sub": str(uuid4()), "sid": str(uuid4()), "iat": late, "exp": soon}
    good = manager.headers["Authorization"]
    for header, text in (
        (None, "Not authenticated"),
        ("Basic YTpi", "Not authenticated"),
        (f"{good}x", "Invalid or expired token"),
        ("Bearer nothing", "Invalid or expired token"),
        (f"Bearer {jwt.encode(ours, SECRET_KEY)}", "Invalid or expired token"),
        (
            f"Bearer {jwt.encode({'sub': 'ada', 'exp': late}, SECRET_KEY)}",
            "Invalid or expired token",
        ),
        (f"Bearer {jwt.encode({'exp': soon}, SECRET_KEY)}", "Invalid token payload"),
        (f"Bearer {jwt.encode({'sub': uuid4().hex, 'exp': soon}, SECRET_KEY)}", "User not found"),
    ):
        headers = {"Authorization": header} if header else {}
        for method, path in (
            ("GET", "/tasks"),
            ("POST", "/tasks"),
            ("GET", "/tasks/stats"),
            ("PATCH", "/tasks/bulk"),
            ("GET", "/tasks/1"),
            ("PATCH", "/tasks/1"),
            ("DELETE", "/tasks/1"),
            ("POST", "/tasks/1/tags"),
            ("DELETE", "/tasks/1/tags/a"),
            ("POST", "/tasks/1/files"),
            ("GET", "/tasks/1/files"),
            ("GET", "/files/1"),
            ("DELETE", "/files/files/1"),
        ):
            answer = await system.client.request(method, PREFIX + path, headers=headers)
            says(answer, 401, {"detail": text})
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_of_the_server_that_is_replaced_still_opens(system: RunningApp) -> None:
    manager = await joined(system.client)
    claims = {"sub": manager.user["username"], "exp": datetime.now(UTC) + timedelta(hours=1)}
    older = Manager(system.client, manager.user, jwt.encode(claims, SECRET_KEY))
    task = await older.task()
    assert task["user_id"] == manager.user["id"]
    assert (await manager.ask("GET", f"/tasks/{task['id']}")).json() == task


async def test_an_account_from_elsewhere_signs_in_here_too(system: RunningApp) -> None:
    name = uuid4().hex[:12]
    native = {"email": f"{name}@example.org", "username": name, "full_name": "Ada"}
    made = await system.client.post("/v1/accounts", json={**native, "password": PASSWORD})
    assert made.status_code == 201, made.text
    answer = await system.client.post(LOGIN, json={"username": name, "password": PASSWORD})
    manager = Manager(system.client, {}, answer.json()["access_token"])
    task = await manager.task(title="From here")
    headers = {"Authorization": f"Bearer {made.json()['access_token']}"}
    found = await system.client.get("/v1/tasks?min_position=head", headers=headers)
    [shown] = found.json()["items"]
    assert (shown["number"], shown["title"]) == (task["id"], "From here")


async def test_white_space_around_a_username_is_part_of_it(system: RunningApp) -> None:
    manager = await joined(system.client, username=f" {uuid4().hex[:8]} ")
    assert (await manager.ask("GET", "/tasks")).json() == []


async def test_the_root_says_who_answers(system: RunningApp) -> None:
    answer = await system.client.get(f"{PREFIX}/")
    assert answer.json() == {"message": "Task Manager API", "status": "running"}


async def test_what_is_not_there_is_said_as_fastapi_did(system: RunningApp) -> None:
    says(await system.client.get(f"{PREFIX}/nothing"), 404, {"detail": "Not Found"})
    answer = await system.client.put(f"{PREFIX}/tasks/1")
    says(answer, 405, {"detail": "Method Not Allowed"})
    assert {"GET", "PATCH", "DELETE"} <= set(answer.headers["allow"].split(", "))
