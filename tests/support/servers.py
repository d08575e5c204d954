"""Real servers for tests, in folders that every account can reach."""

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import psutil

from infra.embedded.folder import is_held, stopping_folder, unprivileged_account

MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
PREFIX = "tasktrail-test-"
HOUR = 3600.0


@contextmanager
def reachable_folder(places: Sequence[Path] | None = None) -> Iterator[Path]:
    """A fresh data folder; pytest's own are closed to the account that runs Postgres for root."""
    account = unprivileged_account()
    for place in places or disk_places():
        if account is None or stopping_folder(place, account) is None:
            break
    _remove_abandoned(place)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def disk_places() -> list[Path]:
    return [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]


def fast_places() -> list[Path]:
    """Memory first, where it is large and may hold programs: a database costs 10 ms there and
    150 ms on a busy disk, with the same fsync calls."""
    try:
        found = os.statvfs(MEMORY)
    except OSError:
        return disk_places()
    roomy = found.f_bavail * found.f_frsize >= ENOUGH and not found.f_flag & os.ST_NOEXEC
    return [MEMORY, *disk_places()] if roomy else disk_places()


def is_gone(process: psutil.Process) -> bool:
    """A zombie is gone: it only waits for the init of its container."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@asynccontextmanager
async def fresh_database(server_url: str, *, encoding: str = "UTF8") -> AsyncIterator[str]:
    """An empty database on that server, gone afterwards; yields its URL."""
    name = f"test_{uuid4().hex}"
    text = "" if encoding == "UTF8" else f"ENCODING '{encoding}' LOCALE 'C'"
    await _run(server_url, f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY wal_log {text}')
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        await _run(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def _remove_abandoned(place: Path) -> None:
    """What a killed test run left behind, mostly in memory."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > HOUR
            if old and not any(is_held(lock) for lock in folder.rglob("*.lock")):
                shutil.rmtree(folder)


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
