"""What must hold after every fault: what was acknowledged is there once, and fits."""

import asyncio
from collections import Counter
from uuid import UUID

import msgspec

from infra.postgres import Connection, connect
from tests.support.system import System
from tests.support.traffic import Traffic, Writer

RETRIED = 20  # commands that are sent again, of each traffic


class _Metadata(msgspec.Struct):
    command: UUID


async def demand_everything(system: System, traffic: Traffic) -> None:
    """Every acknowledged command is there exactly once, and `tasktrail verify` has no finding."""
    await traffic.settle()
    assert system.settings.database_url is not None
    connection = await connect(system.settings.database_url)
    try:
        await _demand_once(connection, traffic)
        await _demand_same_answers(connection, traffic)
        for writer in traffic.writers:
            await _demand_heard(connection, writer)
    finally:
        await connection.close()
    await asyncio.gather(*(_demand_listed(writer) for writer in traffic.writers))
    await asyncio.gather(*(_demand_files(writer) for writer in traffic.writers))
    code, said = await system.tasktrail("verify")
    assert code == 0, said


async def _demand_once(connection: Connection, traffic: Traffic) -> None:
    """In the log. What was sent last is seen through, so everything that was sent is there."""
    rows = await connection.fetch(
        "SELECT notification_id AS position, originator_id AS stream, metadata FROM events"
        " WHERE topic = 'task.created'"
    )
    commands = [msgspec.json.decode(row["metadata"], type=_Metadata).command for row in rows]
    times = Counter(commands)
    created = dict(zip(commands, rows, strict=True))
    records = await connection.fetch("SELECT command_id, event_count FROM commands")
    recorded = {record["command_id"]: record["event_count"] for record in records}
    acknowledged = traffic.acknowledged
    for command, answer in acknowledged.items():
        assert times[command] == recorded.get(command) == 1, answer
        assert str(created[command]["stream"]) == answer["id"]
    sent = [writer.command_id(key) for writer in traffic.writers for key in writer.sent]
    assert [command for command in sent if command not in acknowledged] == []


async def _demand_same_answers(connection: Connection, traffic: Traffic) -> None:
    """The same command again: the first answer again, and nothing new on the record."""
    head = await connection.fetchval("SELECT max(notification_id) FROM events")
    for writer in traffic.writers:
        for key in writer.sent[-RETRIED // len(traffic.writers) :]:
            answer = await writer.client.post(
                "/v1/tasks", json=writer.body(key), headers={"Idempotency-Key": key}
            )
            known = writer.acknowledged[key]
            assert (answer.status_code, answer.json()) == (201, known), (answer.text, known)
            assert answer.headers["Idempotency-Replayed"] == "true"
    assert await connection.fetchval("SELECT max(notification_id) FROM events") == head


async def _demand_heard(connection: Connection, writer: Writer) -> None:
    """Live, once, in order, and nothing else."""
    rows = await connection.fetch(
        "SELECT notification_id FROM events WHERE owner_id = ANY ($1::uuid[]) ORDER BY 1",
        list(writer.listener.owners),
    )
    mine = [row["notification_id"] for row in rows]
    await writer.listener.reached(mine[-1])
    assert writer.listener.heard == mine
    assert writer.listener.foreign == []


async def _demand_listed(writer: Writer) -> None:
    listed: list[str] = []
    path = "/v1/tasks?limit=200&min_position=head"
    while path:
        answer = await writer.client.get(path)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        listed += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        path = f"/v1/tasks?limit=200&cursor={cursor}" if cursor else ""
    assert Counter(listed) == Counter(each["id"] for each in writer.acknowledged.values())


async def _demand_files(writer: Writer) -> None:
    assert writer.files, "some were uploaded meanwhile"
    for file, content in writer.files.items():
        answer = await writer.client.get(f"/v1/attachments/{file}/content?min_position=head")
        assert (answer.status_code, answer.content == content) == (200, True), answer.headers
