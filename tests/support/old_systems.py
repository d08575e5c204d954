"""The databases of the older systems, with their own schemas, filled by tests."""

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import bcrypt

from commands.imports.report import Count, Report
from gateway.bootstrap.importing import Wanted, import_all
from infra.settings import Settings
from tests.support.repository import ROOT
from tests.support.servers import fresh_database
from tests.support.system import COMMAND

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

    async def command(self, settings: Settings, *options: str) -> asyncio.subprocess.Process:
        """`tasktrail import` in a process of its own, which a test may kill."""
        assert settings.master_key is not None
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": str(settings.database_url),
            "NATS_URL": str(settings.nats_url),
            "TASKTRAIL_MASTER_KEY": base64.b64encode(settings.master_key).decode(),
            "SECRET_KEY": str(settings.secret_key),
            "TASKTRAIL_SUBJECT_PREFIX": settings.subject_prefix,
        }
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *COMMAND, "import", self.system, "--from", self.url, *options),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )


@asynccontextmanager
async def old_system(
    server_url: str, system: str, *, encoding: str = "UTF8"
) -> AsyncIterator[OldSystem]:
    """Empty, on a database of its own."""
    async with fresh_database(server_url, encoding=encoding) as url:
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


def hashed(password: str) -> str:
    """As those of the older systems did that used bcrypt; cheaply."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


OLD_PASSWORD = "old secret"
HASH = hashed(OLD_PASSWORD)


async def add_people(old: OldSystem, *emails: str) -> None:
    for email in emails:
        person = {"email": email, "full_name": "Somebody", "password_hash": HASH}
        await old.add("users", {**person, "created_at": datetime.fromisoformat("2024-02-29T08:30")})


async def add_tasks(old: OldSystem, count: int, user: int = 1) -> None:
    await old.execute(
        "INSERT INTO tasks (user_id, title, status, created_at, updated_at)"
        f" SELECT {user}, 'Task ' || n, 'completed', '2024-02-29 08:30', '2024-03-01 09:00'"
        f" FROM generate_series(1, {count}) n"
    )
