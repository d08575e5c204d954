"""`tasktrail import`: an older system moves in."""

import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from commands.importer import Importer, Missing
from commands.imports.catalog import SYSTEMS
from commands.imports.report import Report, Say
from commands.imports.tables import Known
from events.sealing import claim_keys
from events.spaces import shared_space
from gateway.bootstrap.files import open_objects
from gateway.bootstrap.import_log import Folder, ImportLog
from gateway.bootstrap.processes import CommandFailed
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import make_handler, open_appender, open_log, prepare_database
from infra.clock import utc_now
from infra.old_tables import open_old_database
from infra.settings import Settings
from infra.settings_values import database_url


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked for: the older system's dialect, its database, the folder of its files."""

    system: str
    url: str
    files: Path | None = None
    dry_run: bool = False
    merge: bool = False


async def import_all(settings: Settings, wanted: Wanted, say: Say = print) -> Report:
    """Raises `CommandFailed` where nothing can be read at all."""
    if wanted.files is not None and not wanted.files.is_dir():
        raise CommandFailed(f"{wanted.files} is no folder")
    try:
        url = database_url(wanted.url)
    except ValueError as error:
        raise CommandFailed(f"--from {error}") from error
    await prepare_database(settings)
    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(open_old_database(url))
        log = await stack.enter_async_context(open_log(settings))
        appender = await stack.enter_async_context(open_appender(log))
        assert settings.master_key is not None
        objects = await stack.enter_async_context(open_objects(settings))
        system = SYSTEMS[wanted.system]
        claim_key = claim_keys(settings.master_key)
        handler = make_handler(log, appender)
        shared = shared_space(system.name) if system.shared else None
        importer = Importer(
            system,
            old=old,
            log=ImportLog(log, appender, handler, claim_key, system.name),
            files=Folder(wanted.files, objects) if wanted.files else None,
            known=Known(system=system.name, now=utc_now(), space=shared),
            report=Report(say, dry_run=wanted.dry_run),
            merge=wanted.merge,
            progress=stack.enter_context(Tables()).at,
        )
        try:
            return await importer.run()
        except Missing as error:
            raise CommandFailed(f"this is no database of {system.name}:\n{error}") from error


def outcome(report: Report, *, json: bool = False) -> Sequence[str]:
    """What the command says in the end."""
    if json:
        return [msgspec.json.encode(record).decode() for record in report.records()]
    lines = list(report.lines())
    if report.dry_run:
        lines.append("nothing was written")
    elif report.complete:
        but = ", but for what was left out" if report.left_out else ""
        lines.append(f"everything is here{but}")
    return lines


class Tables:
    """A progress bar for each table, one after the other."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._table = ""
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def at(self, table: str, done: int, total: int) -> None:
        if self._progress is None or table != self._table:
            self._stack.close()
            self._table = table
            bar = Progress(table, total, unit="rows", to=sys.stderr)
            self._progress = self._stack.enter_context(bar)
        self._progress.at(done)
