"""Mails arrive in a real mail server while the whole system runs."""

import base64
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest

from gateway.bootstrap.letters import listed, replayed
from gateway.mails import is_one_address
from infra.settings import Settings
from tests.support.api import PASSWORD, SECRET_KEY, settings_for
from tests.support.app import RunningApp, running_app
from tests.support.log import MASTER_KEY
from tests.support.mailbox import Mailbox, open_mailbox, parts_of
from tests.support.people import Person, register, sharing
from tests.support.repository import ROOT
from tests.support.servers import fresh_database, is_gone
from tests.support.waiting import until, until_answered

PREFERENCES = "/v1/notifications/preferences"


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with open_mailbox() as mailbox:
        yield mailbox


def mailing(database: str, nats_url: str, mailbox: Mailbox, **changes: Any) -> Settings:
    server = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port}
    return settings_for(database, nats_url, **server, **changes)


@pytest.fixture
async def app(database: str, nats_url: str, mailbox: Mailbox) -> AsyncIterator[RunningApp]:
    async with running_app(mailing(database, nats_url, mailbox), worker=True) as running:
        await policy_runs(running)
        yield running


async def policy_runs(app: RunningApp) -> None:
    """Until then nothing that happens is mailed."""
    pool = app.app.state.log.pool
    await until_answered(lambda: pool.fetch("SELECT 1 FROM policies WHERE name = 'mail'"), 30)


async def team(app: RunningApp) -> tuple[Person, Person, str]:
    ada, eve = await register(app.client, "ada"), await register(app.client, "eve")
    return ada, eve, await sharing(ada, eve)


async def assign(ada: Person, eve: Person, home: str, title: str = "Build") -> dict[str, Any]:
    body = {"title": title, "description": "the **mill**", "workspace": home, "assignee": eve.id}
    return await ada.made("/v1/tasks", body)


async def all_settled(app: RunningApp) -> None:
    """Once nothing is owed any more."""
    pool = app.app.state.log.pool
    told = "SELECT 1 FROM policies WHERE name = 'mail' AND NOT EXISTS (SELECT 1 FROM mails)"
    await until_answered(lambda: pool.fetch(told))


def subjects(mails: list[EmailMessage]) -> list[str]:
    return [str(mail["Subject"]) for mail in mails]


async def test_an_assignment_arrives_by_mail(app: RunningApp, mailbox: Mailbox) -> None:
    ada, eve, home = await team(app)
    await assign(ada, eve, home)
    [mail] = await mailbox.arrived()
    assert (mail["To"], mail["Subject"]) == (eve.email, "Ada assigned you “Build”")
    text, html = parts_of(mail)
    assert "Hello Eve," in text
    assert "> the **mill**" in text
    assert "<strong>mill</strong>" in html
    assert "Open the task" not in html  # no frontend is known
    log_id = str(app.app.state.log.log_id)
    position, account = str(mail["Message-ID"]).strip("<>").split("@")[0].split(".")[1:]
    assert str(mail["Message-ID"]).startswith(f"<{log_id}.{position}.")
    assert UUID(account) == UUID(eve.id)
    health = (await app.client.get("/health")).json()
    assert health["parts"]["mail"] == "ok"


async def test_a_mail_leads_to_its_task_where_the_frontend_is_known(
    database: str, nats_url: str, mailbox: Mailbox
) -> None:
    url = 'https://example.org/{workspace}/tasks?id={task}&from="mail"'
    settings = mailing(database, nats_url, mailbox, task_url=url)
    async with running_app(settings, worker=True) as app:
        await policy_runs(app)
        ada, eve, home = await team(app)
        task = await assign(ada, eve, home)
        await eve.made(f"/v1/tasks/{task['id']}/comments", {"content": "soon"})
        link = f'https://example.org/{home}/tasks?id={task["id"]}&from="mail"'
        escaped = link.replace("&", "&amp;").replace('"', "&quot;")
        for mail in await mailbox.arrived(2):
            text, html = parts_of(mail)
            assert f"\n{link}\n" in text
            assert f'<a href="{escaped}">Open the task</a>' in html


async def test_who_deactivated_their_account_gets_no_mail(
    app: RunningApp, mailbox: Mailbox
) -> None:
    ada, eve, home = await team(app)
    bob = await register(app.client, "bob")
    await ada.made(f"/v1/workspaces/{home}/members", {"account": bob.id, "role": "member"})
    gone = await eve.ask("POST", "/v1/me/deactivate", {"password": PASSWORD})
    assert gone.status_code == 204
    for someone in (eve, bob):
        await assign(ada, someone, home)
    await mailbox.arrived()
    await all_settled(app)
    assert [mail["To"] for mail in mailbox.received] == [bob.email]


@pytest.mark.parametrize(
    ("email", "one"),
    [
        ("ada@example.org", True),
        ("ada+tasks@sub.example.org", True),
        ("ädä@bücher.example", True),
        ("", False),
        ("ada", False),
        ("a@b.example, c@d.example", False),
        ("Ada <ada@example.org>", False),
        ("friends: a@b.example;", False),
        ("a@b@c", False),
        ("ada@example.org\nBcc: eve@example.org", False),
    ],
)
def test_a_mail_goes_to_one_address_or_nowhere(email: str, one: bool) -> None:
    assert is_one_address(email) == one


async def test_who_has_no_address_gets_no_mail(app: RunningApp, mailbox: Mailbox) -> None:
    """An older system's people may have any text as their e-mail."""
    ada, eve, home = await team(app)
    name = uuid4().hex[:12]
    odd = {"username": name, "email": f"{name}@example.org, {eve.email}", "password": PASSWORD}
    made = await app.client.post("/taskmanager/auth/register", json=odd)
    assert made.status_code == 201
    login = {"login": name, "password": PASSWORD}
    bob = Person(app.client, (await app.client.post("/v1/sessions", json=login)).json())
    await ada.made(f"/v1/workspaces/{home}/members", {"account": bob.id, "role": "member"})
    for someone in (bob, eve):
        await assign(ada, someone, home, someone.username)
    await mailbox.arrived()
    await all_settled(app)
    assert subjects(mailbox.received) == [f"Ada assigned you “{eve.username}”"]


async def test_comments_and_overdue_tasks_arrive_by_mail(app: RunningApp, mailbox: Mailbox) -> None:
    ada, eve, home = await team(app)
    task = await assign(ada, eve, home, "<Mill> & more")
    await eve.made(f"/v1/tasks/{task['id']}/comments", {"content": "done\r\nBcc: x@example.org"})
    due = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    await ada.ask("PATCH", f"/v1/tasks/{task['id']}", {"due": due})
    mails = await mailbox.arrived(3)
    assert subjects(mails) == [
        "Ada assigned you “<Mill> & more”",
        "Eve commented on “<Mill> & more”",
        "“<Mill> & more” is overdue",
    ]
    assert [mail["To"] for mail in mails] == [eve.email, ada.email, eve.email]
    assert mails[1]["Bcc"] is None
    assert "“&lt;Mill&gt; &amp; more”" in parts_of(mails[1])[1]
    assert len({mail["Message-ID"] for mail in mails}) == 3


async def test_what_is_silenced_is_not_mailed(app: RunningApp, mailbox: Mailbox) -> None:
    ada, eve, home = await team(app)
    await eve.ask("PUT", PREFERENCES, {"assigned": {"mail": False}})
    task = await assign(ada, eve, home)
    await ada.made(f"/v1/tasks/{task['id']}/comments", {"content": "soon"})
    assert subjects(await mailbox.arrived()) == ["Ada commented on “Build”"]


async def test_who_left_before_it_was_sent_gets_no_mail(app: RunningApp, mailbox: Mailbox) -> None:
    ada, eve, home = await team(app)
    bob = await register(app.client, "bob")
    await ada.made(f"/v1/workspaces/{home}/members", {"account": bob.id, "role": "member"})
    mailbox.open.clear()
    await assign(ada, eve, home, "first")
    await mailbox.arrived()
    await assign(ada, eve, home, "second")
    deleted = await assign(ada, bob, home, "third")
    await assign(ada, bob, home, "fourth")
    await ada.ask("DELETE", f"/v1/workspaces/{home}/members/{eve.id}")
    await ada.ask("DELETE", f"/v1/tasks/{deleted['id']}")
    mailbox.open.set()
    mails = await mailbox.arrived(2)
    await all_settled(app)
    assert subjects(mails) == ["Ada assigned you “first”", "Ada assigned you “fourth”"]
    assert len(mailbox.received) == 2


async def test_a_refused_mail_is_a_dead_letter_and_keeps_nobody_back(
    app: RunningApp, mailbox: Mailbox
) -> None:
    ada, eve, home = await team(app)
    mailbox.refuse[eve.email] = "550 no such mailbox"
    task = await assign(ada, eve, home)
    await eve.made(f"/v1/tasks/{task['id']}/comments", {"content": "hm"})
    assert subjects(await mailbox.arrived()) == ["Eve commented on “Build”"]
    health = (await app.client.get("/health")).json()
    assert (health["mails"]["dead_letters"], health["dead_letters"]) == (1, 1)
    assert health["status"] == "degraded"
    [letter] = await listed(app.settings)
    assert (letter.projection, letter.stream, letter.topic) == (
        "mail",
        UUID(eve.id),
        "task.assigned",
    )
    assert letter.reason == "the server answers 550"
    mailbox.refuse.clear()
    assert await replayed(app.settings, "mail", UUID(eve.id)) == 1
    assert (await mailbox.arrived(2))[1]["To"] == eve.email
    assert await listed(app.settings) == []


async def test_mails_that_wait_for_a_server_are_told_by_health(
    app: RunningApp, mailbox: Mailbox
) -> None:
    ada, eve, home = await team(app)
    mailbox.open.clear()
    await assign(ada, eve, home)
    await mailbox.arrived()
    async with app.app.state.log.pool.connection() as connection:
        await connection.execute("UPDATE mails SET owed_at = owed_at - interval '6 minutes'")
    health = (await app.client.get("/health")).json()
    assert (health["status"], health["parts"]["mail"]) == ("degraded", "late")
    assert health["mails"]["waiting"] == 1
    mailbox.open.set()
    await all_settled(app)
    health = (await app.client.get("/health")).json()
    assert health["parts"]["mail"] == "ok"


@asynccontextmanager
async def worker_process(settings: Settings) -> AsyncIterator[psutil.Process]:
    """`tasktrail work` on these settings, in a process that may be killed."""
    assert settings.database_url is not None
    assert settings.nats_url is not None
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": settings.database_url,
        "NATS_URL": settings.nats_url,
        "TASKTRAIL_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "SECRET_KEY": SECRET_KEY,
        "TASKTRAIL_SUBJECT_PREFIX": settings.subject_prefix,
        "SMTP_HOST": str(settings.smtp_host),
        "SMTP_PORT": str(settings.smtp_port),
    }
    command = [sys.executable, "-m", "gateway.cli", "work"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: ASYNC220
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


async def test_a_mail_survives_the_death_of_its_worker_in_mid_send(
    postgres_url: str, nats_url: str, mailbox: Mailbox
) -> None:
    """It was handed over and not yet answered: so it is sent again, as the same mail."""
    async with fresh_database(postgres_url) as database:
        settings = mailing(database, nats_url, mailbox)
        async with running_app(settings) as app:
            mailbox.open.clear()
            async with worker_process(settings) as victim:
                await policy_runs(app)
                ada, eve, home = await team(app)
                await assign(ada, eve, home)
                await mailbox.arrived()
                victim.send_signal(signal.SIGKILL)
                await until(lambda: is_gone(victim))
            mailbox.open.set()
            async with worker_process(settings):
                first, again = await mailbox.arrived(2)
                await all_settled(app)
            assert first["Message-ID"] == again["Message-ID"]
            assert len(mailbox.received) == 2
