"""Whether the process lives and can serve, as watchers ask."""

import time
from pathlib import Path

import psutil

from infra.embedded.postgres import EmbeddedPostgres
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app


async def test_a_process_that_serves_is_alive_ready_and_well(served: RunningApp) -> None:
    for path in ("/live", "/ready"):
        answer = await served.client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    shown = await served.client.get("/v1/tasks?min_position=head", headers=await served.headers())
    assert shown.status_code == 200
    health = (await served.client.get("/health")).json()
    assert health["status"] == "ok"
    assert health["parts"].pop("mail") == "off"
    assert set(health["parts"].values()) == {"ok"}
    assert "tasks" in health["projections"]
    assert health["dead_letters"] == 0


async def test_the_root_says_where_everything_is(served: RunningApp) -> None:
    links = (await served.client.get("/")).json()["links"]
    for name, path in links.items():
        assert (await served.client.get(path)).status_code == 200, name


async def test_metrics_count_requests_by_route_never_by_path(served: RunningApp) -> None:
    await served.client.get("/v1/problems/invalid")
    await served.client.get("/no/such/path")
    samples = await served.metrics()
    name = "tasktrail_http_requests_total"
    assert samples[name, "GET", "/v1/problems/{code}", "200"] >= 1
    assert samples[name, "GET", "unmatched", "404"] >= 1
    assert samples["tasktrail_pool_connections",] >= 1
    assert samples["tasktrail_nats_connected",] == 1
    assert samples["tasktrail_log_position",] >= 0
    assert ("tasktrail_live_streams",) in samples
    assert ("tasktrail_projection_lag_events", "accounts") in samples
    text = (await served.client.get("/metrics")).text
    assert "/no/such/path" not in text
    assert "_created" not in text


async def test_readiness_turns_red_while_postgres_hangs_and_green_when_it_is_back(
    data_folder: Path, nats_url: str
) -> None:
    async with (
        EmbeddedPostgres(data_folder) as postgres,
        running_app(settings_for(postgres.url, nats_url)) as running,
    ):
        assert (await running.client.get("/ready")).status_code == 200
        server = psutil.Process(postgres.pid)
        family = [server, *server.children(recursive=True)]
        try:
            for process in family:
                process.suspend()
            began = time.monotonic()
            answer = await running.client.get("/ready")
            assert time.monotonic() - began < 5
            assert answer.status_code == 503
            assert answer.json()["code"] == "not-ready"
            assert "Retry-After" in answer.headers
            assert (await running.client.get("/live")).status_code == 200
            health = await running.client.get("/health")
            assert (health.status_code, health.json()["status"]) == (503, "down")
        finally:
            for process in family:
                process.resume()
        began = time.monotonic()
        while (await running.client.get("/ready")).status_code != 200:
            assert time.monotonic() - began < 5
