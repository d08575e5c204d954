"""What TaskHub's clients hear while something behind it is away or late."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import httpx

from gateway.bootstrap.worker import work
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.s3 import EmbeddedS3
from infra.embedded.server import EmbeddedServer
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import PNG, s3_settings
from tests.support.hub import TASK, Hub, registration
from tests.support.waiting import until_answered

Json = dict[str, Any]
FREE = {"rate_limit": 0, "taskhub_rate_limit": 0}


async def somebody(running: RunningApp) -> Hub:
    answer = await running.client.post("/taskhub/api/auth/register", json=registration())
    assert answer.status_code == 201, answer.text
    return Hub(running.client, answer.json()["user"], answer.json()["access_token"])


async def kill(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)
    await server.wait()


def demand_away(answer: httpx.Response) -> None:
    """503 in TaskHub's form, and when to come again."""
    assert answer.status_code == 503, answer.text
    assert answer.json().keys() == {"detail", "message"}
    assert answer.json()["detail"] == answer.json()["message"] != ""
    assert int(answer.headers["retry-after"]) >= 1


async def test_what_was_created_is_shown_however_late_the_read_models_are(
    database: str, nats_url: str, redis_url: str
) -> None:
    """At first there are none at all; when they are there, they show the same."""
    settings = settings_for(database, nats_url, redis_url=redis_url, **FREE)
    async with running_app(settings) as running:
        hub = await somebody(running)
        wanted: Json = {
            "title": "Plan",
            "priority": "urgent",
            "due_date": "2020-01-01T00:00:00Z",
            "assigned_to": hub.user["id"],
            "tags": ["Home", "work", "home"],
        }
        one = await hub.ask("POST", "/tasks", wanted)
        assert one.status_code == 201, one.text
        many = await hub.ask("POST", "/tasks/bulk", {"tasks": [wanted, {"title": "Rest"}]})
        assert many.status_code == 201, many.text
        made = [one.json(), *many.json()]
        assert [task.keys() for task in made] == [TASK] * 3
        assert [task["status"] for task in made] == ["overdue", "overdue", "todo"]
        assert [tag["name"] for tag in made[0]["tags"]] == ["home", "work"]
        assert made[0]["creator"] == made[0]["assignee"] == hub.user
        working = asyncio.create_task(work(settings))

        async def shows() -> bool:
            answers = [await hub.ask("GET", f"/tasks/{task['id']}") for task in made]
            return [answer.json() for answer in answers] == made

        try:
            await until_answered(shows, 30)
        finally:
            working.cancel()
            await asyncio.wait([working])


async def test_while_the_database_is_away_every_answer_says_so(
    data_folder: Path, nats_url: str, redis_url: str
) -> None:
    async with EmbeddedPostgres(data_folder) as server:
        settings = settings_for(server.url, nats_url, redis_url=redis_url, **FREE)
        async with running_app(settings, worker=True) as running:
            hub = await somebody(running)
            task = await hub.task()
            await kill(server)
            demand_away(await hub.ask("POST", "/tasks", {"title": "Plan"}))
            demand_away(await hub.ask("GET", "/tasks"))
            demand_away(await hub.ask("DELETE", f"/tasks/{task['id']}"))
            login = {"email": hub.user["email"], "password": "secret"}
            demand_away(await running.client.post("/taskhub/api/auth/login", json=login))
            await server.start()

            async def is_back() -> bool:
                return (await hub.ask("GET", f"/tasks/{task['id']}")).status_code == 200

            await until_answered(is_back, 30)


async def test_while_the_store_for_files_is_away_only_they_are_refused(
    database: str, data_folder: Path, nats_url: str, redis_url: str
) -> None:
    async with EmbeddedS3(data_folder) as server:
        files = s3_settings(server, "taskhub")
        settings = settings_for(database, nats_url, redis_url=redis_url, **FREE, **files)
        async with running_app(settings, worker=True) as running:
            hub = await somebody(running)
            task = await hub.task()
            await kill(server)
            demand_away(await hub.upload(task["id"], ("mill.png", PNG, "image/png")))
            shown = await hub.ask("GET", f"/tasks/{task['id']}")
            assert (shown.status_code, shown.json()["files"]) == (200, [])
            await server.start()
            answer = await hub.upload(task["id"], ("mill.png", PNG, "image/png"))
            assert answer.status_code == 201, answer.text
