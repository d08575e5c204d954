"""TaskHub's answers about accounts that were deactivated."""

from tests.support.app import RunningApp
from tests.support.hub import Hub, registration

DISABLED = {"detail": "Account is disabled", "message": "Account is disabled"}


async def deactivated(system: RunningApp) -> tuple[Hub, dict[str, str]]:
    """Somebody who was here, has left a task, and is not any more; and their login."""
    known = registration(password="secret words")
    answer = await system.client.post("/taskhub/api/auth/register", json=known)
    gone = Hub(system.client, answer.json()["user"], answer.json()["access_token"])
    await gone.task(title="Left behind")
    answer = await system.client.post(
        "/v1/me/deactivate",
        json={"password": known["password"]},
        headers={"Authorization": f"Bearer {gone.token}"},
    )
    assert answer.status_code == 204, answer.text
    return gone, {"email": known["email"], "password": known["password"]}


async def test_a_disabled_account_is_told_so_by_the_right_password_only(
    system: RunningApp,
) -> None:
    _, login = await deactivated(system)
    answer = await system.client.post("/taskhub/api/auth/login", json=login)
    assert (answer.status_code, answer.json()) == (403, DISABLED)
    wrong = {**login, "password": "wrong words"}
    answer = await system.client.post("/taskhub/api/auth/login", json=wrong)
    assert (answer.status_code, answer.json()["detail"]) == (401, "Invalid email or password")


async def test_the_token_of_a_disabled_account_is_refused(system: RunningApp) -> None:
    gone, _ = await deactivated(system)
    answer = await gone.ask("GET", "/auth/me")
    assert (answer.status_code, answer.json()["detail"]) == (401, "Could not validate credentials")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_lists_show_only_active_people_and_tasks_say_who_is_not(
    system: RunningApp, hub: Hub
) -> None:
    gone, login = await deactivated(system)
    listed = {user["id"]: user for user in (await hub.ask("GET", "/auth/users")).json()}
    assert gone.user["id"] not in listed
    assert listed[hub.user["id"]]["is_active"] is True
    tasks = (await hub.ask("GET", "/tasks/?search=Left behind&page_size=100")).json()["tasks"]
    [creator] = [task["creator"] for task in tasks if task["created_by"] == gone.user["id"]]
    assert creator == {**gone.user, "is_active": False}
    body = {"login": login["email"], "password": login["password"]}
    await system.client.post("/v1/me/reactivate", json=body)
    listed = {user["id"]: user for user in (await hub.ask("GET", "/auth/users")).json()}
    assert listed[gone.user["id"]] == gone.user
    assert (await system.client.post("/taskhub/api/auth/login", json=login)).status_code == 200
