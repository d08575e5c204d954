"""What holds for whichever system moves in, shown with TaskFlow Pro's rows."""

import asyncio
import json
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from commands.accounts import PASSWORD
from commands.imports.items import stream_of
from events.ids import personal_workspace_of
from events.tasks import TaskCompleted, TaskCreated, TaskEdited
from gateway.bootstrap.processes import CommandFailed
from infra.settings import Settings
from tests.imports.conftest import Serving, demand_sound
from tests.support.log import Log, append_facts
from tests.support.old_systems import HASH, OldSystem, add_people, add_tasks, count_of, counts
from tests.support.signing_in import open_process, signed_in
from tests.support.waiting import until_so

MADE = datetime.fromisoformat("2024-02-29T08:30:00")
CHANGED = datetime.fromisoformat("2024-03-01T09:00:00")
TIMES = {"created_at": MADE, "updated_at": CHANGED}


async def test_history_shows_the_original_times_and_who_did_it(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 1)
    await taskflow.add("tasks", {"user_id": 1, "title": "Edited", **TIMES})
    await taskflow.move_into(settings)
    account = stream_of("taskflow", "account", 1)
    events = await log.reader.stream(stream_of("taskflow", "task", 1))
    assert [type(event.fact) for event in events] == [TaskCreated, TaskCompleted]
    assert [event.occurred_at.replace(tzinfo=None) for event in events] == [MADE, CHANGED]
    assert {event.actor for event in events} == {account}
    assert {event.workspace for event in events} == {personal_workspace_of(account)}
    edited = await log.reader.stream(stream_of("taskflow", "task", 2))
    assert [event.fact for event in edited][1:] == [TaskEdited()]


async def test_people_sign_in_with_the_password_that_they_have(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.move_into(settings)
    account = stream_of("taskflow", "account", 1)
    kept = await log.store.secret(account, PASSWORD)
    assert kept == b"bcrypt$" + HASH.encode()
    async with open_process(log) as process:
        tokens = await signed_in(process, "ADA@example.org", "old secret")
    assert tokens.account.id == account
    assert await log.store.secret(account, PASSWORD) != kept


async def test_a_dry_run_writes_nothing_and_says_what_would_happen(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org", "ADA@example.org")
    await add_tasks(taskflow, 3)
    report = await taskflow.move_into(settings, dry_run=True)
    assert counts(report) == {
        "users": (1, 0, 1),
        "tasks": (3, 0, 0),
        "notes": (0, 0, 0),
        "posts": (0, 0, 0),
    }
    assert await log.reader.head() == 0
    assert not await log.pool.fetch("SELECT FROM commands UNION ALL SELECT FROM secrets")
    real = await taskflow.move_into(settings)
    assert counts(real) == counts(report)


async def test_a_second_run_adds_only_what_is_new(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 2)
    await taskflow.add("posts", {"user_id": 1, "title": "P", "content": "c", "tags": ["a"]})
    await taskflow.move_into(settings)
    head = await log.reader.head()
    again = await taskflow.move_into(settings)
    assert again.complete, taskflow.said
    assert counts(again) == {
        "users": (0, 1, 0),
        "tasks": (0, 2, 0),
        "notes": (0, 0, 0),
        "posts": (0, 1, 0),
    }
    assert await log.reader.head() == head
    await add_people(taskflow, "bob@example.org")
    await add_tasks(taskflow, 1, user=2)
    more = await taskflow.move_into(settings)
    assert (counts(more)["users"], counts(more)["tasks"]) == ((1, 1, 0), (1, 2, 0))


async def test_what_is_there_is_known_when_its_command_is_forgotten(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 2)
    await taskflow.move_into(settings)
    head = await log.reader.head()
    await log.execute("DELETE FROM commands")
    again = await taskflow.move_into(settings)
    assert (again.complete, await log.reader.head()) == (True, head)


async def test_a_run_that_is_killed_is_resumed(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 3_000)
    first = await taskflow.command(settings)
    await until_so(lambda: _reached(log, 700), within=30)
    first.kill()
    await first.wait()
    begun = await _tasks_in(log)
    assert 0 < begun < 3_000
    second = await taskflow.command(settings)
    said, _ = await second.communicate()
    assert second.returncode == 0, said
    table = next(line.split() for line in said.decode().splitlines() if line.startswith("tasks"))
    assert table[1:4] == ["3000", str(3_000 - begun), str(begun)]
    assert await _tasks_in(log) == 3_000


async def test_the_log_is_sound_and_read_models_follow_from_it(
    taskflow: OldSystem, settings: Settings, log: Log, serving: Serving
) -> None:
    await add_people(taskflow, "ada@example.org", "bob@example.org")
    await add_tasks(taskflow, 30)
    post = {"title": "P", "content": "c", "tags": ["a", "b"], "status": "published"}
    await taskflow.add("posts", {"user_id": 2, **post, "view_count": 3})
    await taskflow.move_into(settings)
    async with serving():
        await demand_sound(settings, log)


async def test_an_older_database_that_goes_away_is_said_in_a_line(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 3_000)
    running = asyncio.create_task(taskflow.move_into(settings))
    await until_so(lambda: _reached(log, 700), within=30)
    await taskflow.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'tasktrail import' AND datname = current_database()"
    )
    with pytest.raises(ConnectionError, match="run the same command again to go on"):
        await running
    assert (await taskflow.move_into(settings)).complete
    assert await _tasks_in(log) == 3_000


async def test_a_row_that_was_changed_since_is_named(
    taskflow: OldSystem, settings: Settings
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 3)
    await taskflow.move_into(settings)
    await taskflow.execute("UPDATE tasks SET title = 'Other' WHERE id = 2")
    report = await taskflow.move_into(settings)
    assert not report.complete
    assert taskflow.said == ["differs: tasks 2 is not what it was when it moved in"]
    tasks = count_of(report, "tasks")
    assert (tasks.differing, tasks.theirs == tasks.ours) == (1, False)
    assert any("1 rows differ" in line for line in report.lines())


async def test_what_people_did_here_since_is_no_difference(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.add("tasks", {"user_id": 1, "title": "T", "created_at": MADE})
    await taskflow.move_into(settings)
    task = stream_of("taskflow", "task", 1)
    before = await log.reader.stream(task)
    await append_facts(
        log, [TaskEdited(title="Mine now")], stream=task, owner=before[0].owner, after=len(before)
    )
    assert (await taskflow.move_into(settings)).complete


async def test_missing_tables_and_columns_are_named_before_anything_is_written(
    taskflow: OldSystem, settings: Settings, log: Log
) -> None:
    await add_people(taskflow, "ada@example.org")
    await taskflow.execute("DROP TABLE notes; ALTER TABLE posts DROP COLUMN view_count")
    with pytest.raises(CommandFailed) as failed:
        await taskflow.move_into(settings)
    assert str(failed.value).splitlines() == [
        "this is no database of taskflow:",
        "there is, for this role at least, no table notes",
        "table posts has no column view_count",
    ]
    assert await log.reader.head() == 0


async def test_an_older_database_that_takes_no_writes_will_do(
    taskflow: OldSystem, settings: Settings
) -> None:
    await add_people(taskflow, "ada@example.org")
    name = urlsplit(taskflow.url).path.strip("/")
    await taskflow.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert (await taskflow.move_into(settings)).complete


async def test_the_command_says_what_it_did_and_fails_for_a_refusal(
    taskflow: OldSystem, settings: Settings
) -> None:
    await add_people(taskflow, "ada@example.org")
    await add_tasks(taskflow, 1, user=7)
    dry = await taskflow.command(settings, "--dry-run")
    said, complaint = (text.decode().splitlines() for text in await dry.communicate())
    assert said[0] == "refused: tasks 1 user_id: there is no users 7"
    assert said[1].split()[:4] == ["table", "read", "would", "add"]
    assert complaint == ["tasktrail: not everything can move in: see above"]
    assert dry.returncode == 1
    await taskflow.execute("UPDATE tasks SET user_id = 1")
    real = await taskflow.command(settings)
    said_by_real, _ = await real.communicate()
    assert said_by_real.decode().splitlines()[-1] == "everything is here"
    assert real.returncode == 0
    script = await taskflow.command(settings, "--json")
    counted, _ = await script.communicate()
    tables = [json.loads(line) for line in counted.splitlines()]
    assert [table["table"] for table in tables] == ["users", "tasks", "notes", "posts"]
    assert [table["known"] for table in tables] == [1, 1, 0, 0]
    assert all(table["theirs"] == table["ours"] for table in tables)


async def test_who_cannot_be_reached_is_said_in_a_line(
    taskflow: OldSystem, settings: Settings
) -> None:
    taskflow.url = "postgresql://nobody@127.0.0.1:1/nothing"
    with pytest.raises(ConnectionError, match="cannot connect to the older system's database"):
        await taskflow.move_into(settings)
    taskflow.url = "mysql://localhost/tasks"
    with pytest.raises(CommandFailed, match="--from must be a URL"):
        await taskflow.move_into(settings)


async def _tasks_in(log: Log) -> int:
    rows = await log.pool.fetch("SELECT count(*) FROM events WHERE topic = 'task.created'")
    count: int = rows[0][0]
    return count


async def _reached(log: Log, position: int) -> bool:
    return await log.reader.head() >= position
