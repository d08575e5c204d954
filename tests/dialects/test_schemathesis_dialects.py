"""What a machine finds that takes each older system's document at its word."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app
from tests.support.files import s3_settings
from tests.support.hub import registration as hub_registration
from tests.support.phase3 import planner
from tests.support.servers import fresh_database

FRONTENDS_SECRET = "a secret that frontends share with us"
NAME = uuid4().hex[:12]

# What they demand of every answer: that it is described, and no fault of ours. They ignored what
# they did not know, so nothing follows from what a schema does not allow.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Signs the token out that the rest needs.
LEFT_OUT = {"phase3": ("logout_api_v1_logout_post",)}


async def in_taskflow(api: httpx.AsyncClient) -> tuple[str, str]:
    good = {"email": f"{NAME}@example.org", "password": "secret"}
    await api.post("/taskflow/auth/signup", json={**good, "full_name": "Ada"})
    answer = await api.post("/taskflow/auth/login", json=good)
    return answer.json()["access_token"], ""


async def in_todo(api: httpx.AsyncClient) -> tuple[str, str]:
    claims = {"sub": NAME, "exp": datetime.now(UTC) + timedelta(hours=1)}
    return jwt.encode(claims, FRONTENDS_SECRET, "HS256"), NAME


async def in_taskhub(api: httpx.AsyncClient) -> tuple[str, str]:
    answer = await api.post("/taskhub/api/auth/register", json=hub_registration())
    return answer.json()["access_token"], ""


async def in_phase3(api: httpx.AsyncClient) -> tuple[str, str]:
    ann = await planner(api)
    return ann.user["token"], ann.id


async def in_taskmanager(api: httpx.AsyncClient) -> tuple[str, str]:
    good = {"username": NAME, "password": "long secret"}
    await api.post("/taskmanager/auth/register", json={**good, "email": f"{NAME}@example.org"})
    answer = await api.post("/taskmanager/auth/login", json=good)
    return answer.json()["access_token"], ""


# The token of somebody new, and what a path calls them.
SIGNING_IN: dict[str, Callable[[httpx.AsyncClient], Awaitable[tuple[str, str]]]] = {
    "taskflow": in_taskflow,
    "todo": in_todo,
    "taskhub": in_taskhub,
    "phase3": in_phase3,
    "taskmanager": in_taskmanager,
}


@pytest.fixture(scope="module")
async def unlimited(postgres_url: str, nats_url: str, s3: EmbeddedS3) -> AsyncIterator[RunningApp]:
    async with fresh_database(postgres_url) as url:
        free: dict[str, Any] = {
            **dict.fromkeys(("rate_limit", "taskhub_rate_limit"), 0),
            **{f"taskmanager_{each}_limit": 0 for each in ("login", "register", "task", "upload")},
        }
        secrets = {"better_auth_secret": FRONTENDS_SECRET, "login_limit": 1000}
        settings = settings_for(url, nats_url, **free, **secrets, **s3_settings(s3))
        async with running_app(settings, worker=True) as running:
            yield running


@pytest.mark.parametrize("name", SIGNING_IN)
async def test_schemathesis_finds_nothing(unlimited: RunningApp, tmp_path: Path, name: str) -> None:
    token, user = await SIGNING_IN[name](unlimited.client)
    config = f'[parameters]\n"path.user_id" = "{user}"\n' if user else ""
    (tmp_path / "schemathesis.toml").write_text(config)
    document = "/api/openapi.json" if name == "phase3" else "/openapi.json"
    left_out = [word for id in LEFT_OUT.get(name, ()) for word in ("--exclude-operation-id", id)]
    running = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", "schemathesis.toml", "run", f"{unlimited.base}/{name}{document}"),
        *("--url", f"{unlimited.base}/{name}", "--header", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "2"),
        *("--generation-deterministic", "--checks", ",".join(CHECKS), *left_out),
        *("--continue-on-failure", "--request-timeout", "20"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await running.communicate()
    said = "\n".join(line[:300] for line in output.decode().splitlines())
    assert running.returncode == 0, said
