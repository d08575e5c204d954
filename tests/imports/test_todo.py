"""Todo App moves in: the tokens of the server that knows its people find what is theirs."""

from datetime import date, datetime
from uuid import UUID, uuid4

from commands.imports.items import stream_of
from infra.settings import Settings
from tests.support.api import settings_for
from tests.support.app import running_app
from tests.support.log import Log
from tests.support.old_systems import OldSystem, counts
from tests.support.todo import BETTER_AUTH_SECRET, Todo

MADE = datetime.fromisoformat("2024-02-29T08:30:00")
LATER = datetime.fromisoformat("2024-03-01T08:30:00")
SUBJECT = "kJ2xT9wq0ZbV"


async def fill(old: OldSystem) -> UUID:
    task, times = uuid4(), {"created_at": MADE, "updated_at": LATER}
    due = {"due_date": date.fromisoformat("2024-03-01"), **times}
    await old.add(
        "tasks",
        {"id": task, "user_id": SUBJECT, "title": "Late", "priority": "High", **due},
        {"id": uuid4(), "user_id": "somebody else", "title": "Theirs", "completed": True, **times},
    )
    names = {name: uuid4() for name in ("work", "Home", "unused")}
    for name, id in names.items():
        await old.add("tags", {"id": id, "user_id": SUBJECT, "name": name})
    await old.add("tags", {"id": uuid4(), "user_id": "only tags", "name": "work"})
    for name in ("work", "Home"):
        await old.add("task_tags", {"task_id": task, "tag_id": names[name]})
    return task


async def test_who_comes_with_their_token_finds_what_is_theirs(
    todo: OldSystem, database: str, nats_url: str
) -> None:
    settings = settings_for(database, nats_url, rate_limit=0, better_auth_secret=BETTER_AUTH_SECRET)
    task = await fill(todo)
    report = await todo.move_into(settings)
    assert report.complete, todo.said
    assert counts(report) == {
        "tasks.user_id": (2, 0, 0),
        "tags.user_id": (1, 1, 0),
        "tags": (4, 0, 0),
        "tasks": (2, 0, 0),
    }
    async with running_app(settings, worker=True) as app:
        ada = Todo(app.client, sub=SUBJECT)
        [found] = (await ada.listed())["tasks"]
        assert (found["id"], found["user_id"], found["title"]) == (str(task), SUBJECT, "Late")
        assert (found["priority"], found["due_date"]) == ("High", "2024-03-01")
        assert (found["completed"], found["tags"]) == (False, ["Home", "work"])
        assert found["created_at"].startswith("2024-02-29T08:30:00")
        assert found["updated_at"].startswith("2024-03-01T08:30:00")
        tags = (await ada.ask("GET", "/tags")).json()
        assert [(tag["name"], tag["usage_count"]) for tag in tags] == [
            ("Home", 1),
            ("unused", 0),
            ("work", 1),
        ]
        theirs = Todo(app.client, sub="somebody else")
        assert await theirs.titles() == ["Theirs"]


async def test_who_was_here_before_their_rows_is_the_same_person(
    todo: OldSystem, database: str, nats_url: str
) -> None:
    settings = settings_for(database, nats_url, rate_limit=0, better_auth_secret=BETTER_AUTH_SECRET)
    async with running_app(settings, worker=True) as app:
        ada = Todo(app.client, sub=SUBJECT)
        await ada.task(title="New")
        await fill(todo)
        assert (await todo.move_into(settings)).complete, todo.said
        assert sorted(await ada.titles()) == ["Late", "New"]


async def test_a_second_run_finds_all_tags_even_those_renamed_since(
    todo: OldSystem, settings: Settings, log: Log
) -> None:
    await fill(todo)
    await todo.move_into(settings)
    head = await log.reader.head()
    await log.execute(
        "DELETE FROM claims WHERE stream IN (SELECT originator_id FROM events"
        " WHERE topic = 'tag.created')"
    )  # as if each had another name by now
    again = await todo.move_into(settings)
    assert (again.complete, await log.reader.head()) == (True, head), todo.said


async def test_a_database_without_tags_will_do(todo: OldSystem, settings: Settings) -> None:
    await todo.execute("DROP TABLE task_tags; DROP TABLE tags")
    await todo.add(
        "tasks",
        {"id": uuid4(), "user_id": SUBJECT, "title": "T", "created_at": MADE, "updated_at": MADE},
    )
    report = await todo.move_into(settings)
    assert counts(report) == {"tasks.user_id": (1, 0, 0), "tasks": (1, 0, 0)}
    assert report.complete


async def test_somebodys_stream_follows_from_their_name(
    todo: OldSystem, settings: Settings, log: Log
) -> None:
    await fill(todo)
    await todo.move_into(settings)
    events = await log.reader.stream(stream_of("todo", "account", SUBJECT))
    assert [event.topic for event in events] == ["account.registered", "account.identity_linked"]
    assert {event.occurred_at.replace(tzinfo=None) for event in events} == {MADE}
