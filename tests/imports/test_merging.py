"""Who is found in two systems is two people, unless the operator says that they are one."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from commands.imports.items import stream_of
from events.ids import personal_workspace_of
from events.refusals import Unauthenticated
from gateway.issuers import BETTER_AUTH
from gateway.outsiders import Outsiders
from infra.settings import Settings
from tests.support.log import Log
from tests.support.old_systems import HASH, OldSystem, add_people, count_of, counts, hashed
from tests.support.signing_in import open_process, signed_in

EMAIL = "ada@example.org"
MADE = datetime.fromisoformat("2024-02-29T08:30:00+00:00")


async def test_one_email_of_two_accounts_is_refused_and_listed(
    taskflow: OldSystem, taskmanager: OldSystem, settings: Settings
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.move_into(settings)
    person = {"username": "ada", "email": "Ada@Example.org", "hashed_password": HASH}
    await taskmanager.add("users", person)
    await taskmanager.add("tasks", {"title": "T", "user_id": 1})
    report = await taskmanager.move_into(settings)
    assert not report.complete
    assert counts(report)["users"] == (0, 0, 1)
    account = stream_of("taskflow", "account", 1)
    assert taskmanager.said == [
        f"refused: users 1 email: account {account} has this e-mail;"
        " --merge-by-email makes one of the two",
        "refused: tasks 1 user_id: users 1 was refused",
    ]


async def test_with_the_operators_word_both_are_one_account(
    taskflow: OldSystem, taskmanager: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.move_into(settings)
    other = {"username": "ada", "email": "Ada@Example.org", "hashed_password": hashed("another")}
    await taskmanager.add("users", other)
    await taskmanager.add("tasks", {"title": "T", "user_id": 1})
    report = await taskmanager.move_into(settings, merge=True)
    assert report.complete, taskmanager.said
    account = stream_of("taskflow", "account", 1)
    assert taskmanager.said == [f"merged: users 1 is account {account}"]
    [created] = await log.reader.stream(stream_of("taskmanager", "task", 1))
    assert created.workspace == personal_workspace_of(account)
    async with open_process(log) as process:
        by_name = await signed_in(process, "ada", "old secret")
        assert by_name.account.id == account
        assert await process.handler.numbered("account", 1, "taskmanager") == account
        assert await process.handler.numbered("account", 1, "taskflow") == account
    again = await taskmanager.move_into(settings)
    assert (again.complete, count_of(again, "users").merged) == (True, 1)


async def test_a_username_of_another_is_refused(taskmanager: OldSystem, settings: Settings) -> None:
    for name, email in (("chris", "a@example.org"), ("Chris", "b@example.org")):
        person = {"username": name, "email": email, "hashed_password": HASH}
        await taskmanager.add("users", person)
    report = await taskmanager.move_into(settings, merge=True)
    first = stream_of("taskmanager", "account", 1)
    assert counts(report)["users"] == (1, 0, 1)
    assert taskmanager.said == [f"refused: users 2 username: account {first} has this username"]


async def test_who_came_before_their_row_gets_the_password_and_the_email_of_it(
    phase3: OldSystem, settings: Settings, log: Log
) -> None:
    """Their old token made them an account, which has neither."""
    id = str(uuid4())
    async with open_process(log) as process:
        outsiders = Outsiders(process.handler)
        account = await outsiders.account_of(BETTER_AUTH, id, {})
        times = {"created_at": MADE, "updated_at": MADE}
        person = {"email": "ada@example.org", "name": "Ada", "hashed_password": hashed("secret")}
        await phase3.add("users", {"id": id, **person, **times})
        task = {"id": str(uuid4()), "user_id": id, "title": "T", "completed": False}
        await phase3.add("tasks", {**task, "priority": "low", **times})
        report = await phase3.move_into(settings)
        assert (report.complete, count_of(report, "users").merged) == (True, 1), phase3.said
        tokens = await signed_in(process, "ada@example.org", "secret")
        assert tokens.account.id == account
        [created] = await log.reader.stream(UUID(str(task["id"])))
        assert created.workspace == personal_workspace_of(account)
    head = await log.reader.head()
    assert (await phase3.move_into(settings)).complete
    assert await log.reader.head() == head


async def test_a_disabled_persons_password_opens_no_other_account(
    taskflow: OldSystem, taskhub: OldSystem, settings: Settings, log: Log
) -> None:
    async with open_process(log) as process:
        await Outsiders(process.handler).account_of(BETTER_AUTH, "ada", {"email": EMAIL})
        row = {"id": uuid4(), "email": EMAIL, "username": "ada", "full_name": "Ada"}
        gone = {"hashed_password": hashed("secret"), "is_active": False}
        await taskhub.add("users", {**row, **gone})
        report = await taskhub.move_into(settings, merge=True)
        assert count_of(report, "users").merged == 1
        with pytest.raises(Unauthenticated):
            await signed_in(process, EMAIL, "secret")
