"""Who is found in two systems is two people, unless the operator says that they are one."""

from commands.imports.items import stream_of
from events.ids import personal_workspace_of
from infra.settings import Settings
from tests.support.log import Log
from tests.support.old_systems import HASH, OldSystem, add_people, count_of, counts, hashed
from tests.support.signing_in import open_process, signed_in


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
