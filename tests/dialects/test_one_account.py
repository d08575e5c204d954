"""All five prefixes answer at once, and one person has one set of tasks below the private four."""

from typing import Any
from uuid import uuid4

from tests.support.app import RunningApp

PASSWORD = "correct horse"


async def test_what_one_system_makes_shows_in_the_others_but_never_crosses_into_the_shared_one(
    system: RunningApp,
) -> None:
    name = uuid4().hex[:12]
    email = f"{name}@example.org"
    who = {"username": name, "email": email, "password": PASSWORD}

    async def ask(method: str, path: str, token: str = "", body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await system.client.request(method, path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    await ask("POST", "/taskmanager/auth/register", body=who)
    manager = (await ask("POST", "/taskmanager/auth/login", body=who))["access_token"]
    flow = (await ask("POST", "/taskflow/auth/login", body=who))["access_token"]
    hub = (await ask("POST", "/taskhub/api/auth/login", body=who))["access_token"]
    planner = await ask("POST", "/phase3/api/v1/login", body=who)
    native = await ask("POST", "/v1/sessions", body={"login": email, "password": PASSWORD})

    made = await ask("POST", "/taskflow/tasks", flow, {"title": "Mine"})
    shared = await ask("POST", "/taskhub/api/tasks", hub, {"title": "Ours"})
    lists = {
        "/taskflow/tasks": flow,
        "/taskmanager/tasks": manager,
        f"/phase3/api/{planner['id']}/": planner["token"],
    }
    for path, token in lists.items():
        assert [task["title"] for task in await ask("GET", path, token)] == ["Mine"], path
    assert (await ask("GET", f"/taskmanager/tasks/{made['id']}", manager))["title"] == "Mine"
    hub_list = await ask("GET", "/taskhub/api/tasks?page_size=100", hub)
    assert shared["id"] in {task["id"] for task in hub_list["tasks"]}
    assert "Mine" not in {
        task["title"] for task in hub_list["tasks"] if task["created_by"] == shared["created_by"]
    }
    everything = await ask("GET", "/v1/tasks?min_position=head", native["access_token"])
    mine = {task["title"]: task["workspace"] for task in everything["items"]}
    assert mine.keys() >= {"Mine", "Ours"}
    assert mine["Mine"] != mine["Ours"]
