"""What happens at TaskFlow's edges: health, paths, methods, and what is late or away."""

from pathlib import Path

import psutil
import pytest

from infra.embedded.postgres import EmbeddedPostgres
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.servers import fresh_database
from tests.support.taskflow import PREFIX, Flow, logged_in, registration, says, signed_up


async def test_it_says_what_it_is(system: RunningApp) -> None:
    for path in (PREFIX, f"{PREFIX}/"):
        answer = await system.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"message": "Dashboard API is running", "version": "1.0.0"}


async def test_it_is_healthy_while_the_database_answers(system: RunningApp) -> None:
    answer = await system.client.get(f"{PREFIX}/health")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"status": "healthy", "database": "connected"}


async def test_it_says_when_the_database_does_not_answer(data_folder: Path, nats_url: str) -> None:
    async with (
        EmbeddedPostgres(data_folder) as postgres,
        running_app(settings_for(postgres.url, nats_url)) as running,
    ):
        server = psutil.Process(postgres.pid)
        family = [server, *server.children(recursive=True)]
        try:
            for process in family:
                process.suspend()
            answer = await running.client.get(f"{PREFIX}/health")
        finally:
            for process in family:
                process.resume()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json() == {
        "detail": "Service unavailable",
        "message": "Service unavailable",
        "status": "unhealthy",
        "database": "disconnected",
    }


async def test_a_slash_at_the_end_changes_nothing(system: RunningApp) -> None:
    flow = await signed_up(system.client)
    task = (await flow.ask("POST", "/tasks/", {"title": "a"})).json()
    for path in ("/tasks", f"/tasks/{task['id']}", "/user/profile", "/health"):
        plain, slashed = await flow.ask("GET", path), await flow.ask("GET", f"{path}/")
        assert (plain.status_code, slashed.status_code) == (200, 200)
        assert plain.json() == slashed.json()
    assert (await flow.ask("DELETE", f"/tasks/{task['id']}/")).status_code == 204


async def test_paths_and_methods_that_are_none_are_refused_in_its_words(
    system: RunningApp,
) -> None:
    flow = await signed_up(system.client)
    for path in ("/nothing", "/tasks/1/2", "/debug/tokens", "/debug/users"):
        says(await flow.ask("GET", path), 404, "Not Found")
    answer = await flow.ask("PATCH", "/tasks/1", {})
    says(answer, 405, "Method Not Allowed")
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "missing"), (b'{"title":', "json_invalid"), (b"[]", "model_attributes_type")],
)
async def test_a_body_that_is_none_says_why(system: RunningApp, content: bytes, kind: str) -> None:
    flow = await signed_up(system.client)
    headers = {**flow.headers, "Content-Type": "application/json"}
    answer = await system.client.post(f"{PREFIX}/tasks", content=content, headers=headers)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["loc"][0] == "body"
    assert error["type"] == kind


async def test_every_page_may_call_it(system: RunningApp) -> None:
    origin = {"Origin": "https://frontend.example"}
    answer = await system.client.get(f"{PREFIX}/health", headers=origin)
    assert answer.headers["access-control-allow-origin"] in ("*", origin["Origin"])


async def test_at_the_root_it_answers_as_below_its_prefix(postgres_url: str, nats_url: str) -> None:
    """Then a frontend of it changes its base URL and nothing else."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url, root_dialect="taskflow")
        async with running_app(settings, worker=True) as running:
            client = running.client
            assert (await client.get("/")).json()["message"] == "Dashboard API is running"
            assert (await client.get("/health")).json()["database"] == "connected"
            fields = registration()
            assert (await client.post("/auth/signup", json=fields)).status_code == 201
            login = {"email": fields["email"], "password": fields["password"]}
            token = (await client.post("/auth/login", json=login)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            made = await client.post("/tasks", json={"title": "a"}, headers=headers)
            assert made.status_code == 201
            for path in ("/tasks", f"{PREFIX}/tasks", "/tasks/"):
                assert (await client.get(path, headers=headers)).json() == [made.json()]
            says(await client.get("/tasks"), 401, "Not authenticated")
            says(await client.get("/nothing"), 404, "Not Found")


async def test_what_is_saved_is_answered_however_late_the_read_models_are(
    postgres_url: str, nats_url: str
) -> None:
    """Without a worker they stand still: lists then show what they have, and that is counted."""
    async with fresh_database(postgres_url) as url:
        settings = settings_for(url, nats_url)
        async with running_app(settings, worker=True) as running:
            flow = await signed_up(running.client)
            task = await flow.task(title="Seen")
            assert await flow.titles() == ["Seen"]
        async with running_app(settings) as running:
            token = await logged_in(running.client, flow.user["email"], "secret")
            late = Flow(running.client, flow.user, token)
            other = await late.task(title="New")
            path = f"/tasks/{other['id']}"
            done = await late.ask("PUT", path, {"status": "completed"})
            assert (done.status_code, done.json()["status"]) == (200, "completed")
            assert (await late.ask("GET", path)).json() == done.json()
            assert (await late.ask("DELETE", f"/tasks/{task['id']}")).status_code == 204
            says(await late.ask("GET", f"/tasks/{task['id']}"), 404, "Task not found")
            renamed = await late.ask("PUT", "/user/profile", {"full_name": "Ada King"})
            assert renamed.json()["full_name"] == "Ada King"
            assert await late.titles() == ["Seen"]
            metrics = (await running.client.get("/metrics")).text
            assert "\ntasktrail_late_answers_total 1.0\n" in metrics
