"""Bringing the write side's schema up to date: numbered SQL files, forward only."""

from importlib.resources import files

from infra.postgres import Connection
from infra.settings import BadSettings

_LOCK = 7236480


def migrations() -> list[tuple[int, str]]:
    """Each migration's number and text, in order."""
    found = [entry for entry in files("infra.sql").iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name.partition("_")[0]), entry.read_text()) for entry in found)


async def migrate(connection: Connection) -> list[int]:
    """Apply what is missing, each file in its own transaction; answers which were applied.

    Any number of processes may call it at once: the advisory lock lets one through at a time.
    """
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations ("
            "number integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row["number"] for row in await connection.fetch("SELECT number FROM migrations")}
        missing = [(number, text) for number, text in migrations() if number not in done]
        for number, text in missing:
            async with connection.transaction():
                await connection.execute(text)
                await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)
        return [number for number, _ in missing]
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def assert_durable(connection: Connection) -> None:
    """Refuse a server that may lose what it acknowledged. Raises `BadSettings`."""
    values = {
        setting: await connection.fetchval("SELECT current_setting($1)", setting)
        for setting in ("fsync", "synchronous_commit", "full_page_writes")
    }
    problems = [
        f"Postgres runs with {setting}=off: an acknowledged event could be lost; set it to on"
        for setting, value in values.items()
        if value == "off"
    ]
    if problems:
        raise BadSettings(problems)
