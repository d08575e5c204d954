"""Somebody who was in two systems had a task 1 in both: each stays the one that it was."""

from infra.settings import Settings
from tests.imports.conftest import Serving
from tests.support.old_systems import HASH, OLD_PASSWORD, OldSystem, add_people
from tests.support.taskflow import Flow, logged_in, says
from tests.support.taskmanager import Manager

EMAIL = "ada@example.org"


async def test_the_numbers_of_two_systems_are_told_apart(
    taskflow: OldSystem, taskmanager: OldSystem, settings: Settings, serving: Serving
) -> None:
    await add_people(taskflow, EMAIL)
    await taskflow.add("tasks", {"title": "Flow", "user_id": 1})
    await taskmanager.add("users", {"username": "ada", "email": EMAIL, "hashed_password": HASH})
    await taskmanager.add("tasks", {"title": "Managed", "user_id": 1})
    assert (await taskflow.move_into(settings)).complete
    assert (await taskmanager.move_into(settings, merge=True)).complete
    async with serving() as running:
        flow = Flow(running.client, {}, await logged_in(running.client, EMAIL, OLD_PASSWORD))
        login = {"username": "ada", "password": OLD_PASSWORD}
        tokens = await running.client.post("/taskmanager/auth/login", json=login)
        manager = Manager(running.client, {}, tokens.json()["access_token"])
        in_flow = {task["title"]: task["id"] for task in (await flow.ask("GET", "/tasks")).json()}
        shown = (await manager.ask("GET", "/tasks")).json()
        in_manager = {task["title"]: task["id"] for task in shown}
        assert (in_flow["Flow"], in_manager["Managed"]) == (1, 1)
        foreign = f"/tasks/{in_flow['Managed']}"
        renamed = await flow.ask("PUT", foreign, {"title": "Both"})
        assert (renamed.status_code, renamed.json()["id"]) == (200, in_flow["Managed"])
        assert (await manager.ask("GET", "/tasks/1")).json()["title"] == "Both"
        other = f"/tasks/{in_manager['Flow']}"
        assert (await manager.ask("GET", other)).json()["title"] == "Flow"
        assert (await manager.ask("DELETE", other)).status_code == 204
        says(await flow.ask("GET", "/tasks/1"), 404, "Task not found")
        assert await flow.titles() == ["Both"]
