"""The databases of the older systems, with their own schemas, filled by tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from commands.imports.report import Count, Report
from gateway.bootstrap.importing import Wanted, import_all
from infra.settings import Settings
from tests.support.servers import fresh_database

TASKFLOW = """
    CREATE TABLE users (
        id SERIAL PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL,
        password_hash VARCHAR(255) NOT NULL, full_name VARCHAR(255) NOT NULL,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE tasks (
        id SERIAL PRIMARY KEY, user_id INTEGER, title VARCHAR(255) NOT NULL, description TEXT,
        status VARCHAR(20) DEFAULT 'pending', priority VARCHAR(10) DEFAULT 'medium',
        due_date TIMESTAMP, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE notes (
        id SERIAL PRIMARY KEY, user_id INTEGER, title VARCHAR(255) NOT NULL, content TEXT,
        category VARCHAR(50) DEFAULT 'general', is_favorite BOOLEAN DEFAULT FALSE,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    CREATE TABLE posts (
        id SERIAL PRIMARY KEY, user_id INTEGER, title VARCHAR(255) NOT NULL, content TEXT NOT NULL,
        status VARCHAR(20) DEFAULT 'draft', tags TEXT[] DEFAULT '{}', view_count INTEGER DEFAULT 0,
        created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
"""
TODO = """
    CREATE TYPE priorityenum AS ENUM ('High', 'Medium', 'Low');
    CREATE TABLE tasks (
        id UUID PRIMARY KEY, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL,
        description VARCHAR(1000), completed BOOLEAN NOT NULL DEFAULT FALSE,
        priority priorityenum NOT NULL DEFAULT 'Medium', due_date DATE,
        created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL);
    CREATE TABLE tags (id UUID PRIMARY KEY, user_id VARCHAR NOT NULL, name VARCHAR NOT NULL);
    CREATE TABLE task_tags (
        task_id UUID REFERENCES tasks, tag_id UUID REFERENCES tags, PRIMARY KEY (task_id, tag_id));
"""
TASKHUB = """
    CREATE TYPE taskstatus AS ENUM ('todo', 'in_progress', 'completed', 'overdue');
    CREATE TYPE taskpriority AS ENUM ('low', 'medium', 'high', 'urgent');
    CREATE TABLE users (
        id UUID PRIMARY KEY, email VARCHAR(255) UNIQUE NOT NULL,
        username VARCHAR(100) UNIQUE NOT NULL, full_name VARCHAR(255) NOT NULL,
        hashed_password VARCHAR(255) NOT NULL, avatar_url VARCHAR(500),
        is_active BOOLEAN DEFAULT TRUE, created_at TIMESTAMPTZ DEFAULT now(),
        updated_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE tasks (
        id UUID PRIMARY KEY, title VARCHAR(255) NOT NULL, description TEXT,
        status taskstatus NOT NULL, priority taskpriority NOT NULL, start_date TIMESTAMPTZ,
        due_date TIMESTAMPTZ, notify_overdue BOOLEAN DEFAULT FALSE,
        is_deleted BOOLEAN DEFAULT FALSE, created_by UUID NOT NULL, assigned_to UUID,
        created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE tags (
        id UUID PRIMARY KEY, name VARCHAR(50) UNIQUE NOT NULL, color VARCHAR(7) DEFAULT '#3B82F6',
        created_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE task_tags (
        task_id UUID REFERENCES tasks, tag_id UUID REFERENCES tags, PRIMARY KEY (task_id, tag_id));
    CREATE TABLE comments (
        id UUID PRIMARY KEY, content TEXT NOT NULL, content_html TEXT, task_id UUID NOT NULL,
        user_id UUID NOT NULL, is_deleted BOOLEAN DEFAULT FALSE,
        created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE files (
        id UUID PRIMARY KEY, filename VARCHAR(255) NOT NULL, original_filename VARCHAR(255),
        content_type VARCHAR(100), size INTEGER NOT NULL, s3_key VARCHAR(500) NOT NULL,
        task_id UUID NOT NULL, uploaded_by UUID NOT NULL, created_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE notifications (
        id UUID PRIMARY KEY, user_id UUID NOT NULL, task_id UUID, type VARCHAR(50) NOT NULL,
        title VARCHAR(255) NOT NULL, message TEXT, is_read BOOLEAN DEFAULT FALSE,
        created_at TIMESTAMPTZ DEFAULT now());
"""
PHASE3 = """
    CREATE TABLE users (
        id VARCHAR PRIMARY KEY, email VARCHAR UNIQUE NOT NULL, name VARCHAR NOT NULL,
        hashed_password VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL,
        updated_at TIMESTAMPTZ NOT NULL);
    CREATE TABLE tasks (
        id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL, title VARCHAR(200) NOT NULL,
        description VARCHAR(1000), completed BOOLEAN NOT NULL, priority VARCHAR NOT NULL,
        created_at TIMESTAMPTZ NOT NULL, updated_at TIMESTAMPTZ NOT NULL);
"""
TASKMANAGER = """
    CREATE TABLE users (
        id SERIAL PRIMARY KEY, username VARCHAR(50) UNIQUE NOT NULL,
        email VARCHAR(100) UNIQUE NOT NULL, hashed_password VARCHAR(100) NOT NULL,
        created_at TIMESTAMPTZ DEFAULT now());
    CREATE TABLE tasks (
        id SERIAL PRIMARY KEY, title VARCHAR(200) NOT NULL, description VARCHAR(1000),
        completed BOOLEAN NOT NULL DEFAULT FALSE, priority VARCHAR(20) NOT NULL DEFAULT 'medium',
        created_at TIMESTAMP NOT NULL DEFAULT now(), due_date DATE,
        tags VARCHAR[] NOT NULL DEFAULT '{}', user_id INTEGER NOT NULL);
    CREATE TABLE task_files (
        id SERIAL PRIMARY KEY, task_id INTEGER NOT NULL, original_filename VARCHAR(255) NOT NULL,
        stored_filename VARCHAR(255) UNIQUE NOT NULL, file_size INTEGER NOT NULL,
        content_type VARCHAR(100), uploaded_at TIMESTAMP);
"""
SCHEMAS = {
    "taskflow": TASKFLOW,
    "todo": TODO,
    "taskhub": TASKHUB,
    "phase3": PHASE3,
    "taskmanager": TASKMANAGER,
}


class OldSystem:
    """`said` is what the last import told of."""

    def __init__(self, system: str, url: str, connection: Any) -> None:
        self.system = system
        self.url = url
        self._connection = connection
        self.said: list[str] = []

    async def add(self, table: str, *rows: dict[str, Any]) -> None:
        for row in rows:
            places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
            names = ", ".join(row)
            await self._connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({places})", *row.values()
            )

    async def execute(self, statement: str) -> None:
        await self._connection.execute(statement)

    async def move_into(self, settings: Settings, **options: Any) -> Report:
        self.said = []
        wanted = Wanted(system=self.system, url=self.url, **options)
        return await import_all(settings, wanted, self.said.append)


@asynccontextmanager
async def old_system(server_url: str, system: str) -> AsyncIterator[OldSystem]:
    """Empty, on a database of its own."""
    async with fresh_database(server_url) as url:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(SCHEMAS[system])
            yield OldSystem(system, url, connection)
        finally:
            await connection.close()


def counts(report: Report) -> dict[str, tuple[int, int, int]]:
    """Of each table how many rows were added, there already, refused."""
    return {each.table: (each.added, each.known, each.refused) for each in report.counts}


def count_of(report: Report, table: str) -> Count:
    [found] = [each for each in report.counts if each.table == table]
    return found


def lines(report: Report) -> Sequence[str]:
    return report.lines()
