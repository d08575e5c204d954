"""How exports are made: into a file by the shell, into the object store by a worker."""

import asyncio
import hashlib
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from errno import EISDIR
from pathlib import Path
from uuid import UUID

from commands.exporter import Exporter, Job, Made, Progressed
from commands.handler import Handler
from events.exports import ExportFormat, ExportNoun
from gateway.bootstrap.files import open_objects
from gateway.bootstrap.processes import CommandFailed
from gateway.bootstrap.progress import Progress
from gateway.bootstrap.services import Log, open_log, prepare_database, served
from gateway.bootstrap.writing_apart import Order, write_apart
from infra.clock import utc_now
from infra.leases import Lease
from infra.objects import Objects
from infra.settings import Settings
from queries.export_folders import export_folder, remove_abandoned_folders
from queries.export_jobs import exports_completed_before, requested_exports
from queries.exports import Export
from queries.formats import MEDIA_TYPES, check_history
from queries.waiting import Waiter
from queries.writing import write_export

_log = logging.getLogger(__name__)
_SHOWN = ("tasks", "notes", "posts", "workspaces", "accounts", "activity")


async def export_to(
    settings: Settings,
    path: Path,
    *,
    format: ExportFormat,
    workspaces: Sequence[UUID] | None,
    history: bool,
    noun: ExportNoun = "task",
) -> int:
    """How many rows. The file appears when it is whole; one of that name is replaced. Raises
    `NotFound` for a workspace that is not there."""
    check_history(format, history)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    _demand_writable(path, partial)
    try:
        await prepare_database(settings)
        async with open_log(settings) as log:
            await _caught_up(log, await log.reader.head())
            export = Export(log.pool, workspaces, utc_now(), noun)
            await export.demand_workspaces()
            total = await export.count() + (await export.count_history() if history else 0)
            with Progress("export", total, unit="rows", to=sys.stderr) as progress:

                async def progressed(done: int) -> None:
                    progress.at(done)

                rows = await write_export(
                    export, partial, format, history=history, progressed=progressed
                )
        await asyncio.to_thread(partial.replace, path)
    finally:
        partial.unlink(missing_ok=True)
    return rows


def _demand_writable(path: Path, partial: Path) -> None:
    """Before any work: each format's writer would say it in words of its own."""
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        partial.touch()
    except OSError as error:
        raise CommandFailed(f"cannot write {path}: {error.strerror}") from error


async def make_exports(log: Log, handler: Handler) -> None:
    """Until cancelled; one worker does it at a time."""
    if log.settings.s3_endpoint_url is None:
        _log.warning("exports wait: no object store is configured")
        return
    async with AsyncExitStack() as stack:
        objects = await stack.enter_async_context(open_objects(log.settings))
        exporter = Exporter(
            jobs=ExportJobs(log),
            making=Making(log, objects),
            handler=handler,
            log_id=log.log_id,
            clock=utc_now,
        )

        def heard(subject: str, position: int) -> None:
            exporter.changed()

        subject = f"{log.settings.subject_prefix}.hints.projected.exports"
        await stack.enter_async_context(log.nats.listening(subject, heard))

        async def exporting() -> None:
            await served(log, "exports")
            await asyncio.to_thread(remove_abandoned_folders)
            await exporter.run()

        await Lease(log.pool, "exporter").lead(exporting)


class ExportJobs:
    """The read model, as the exporter asks it."""

    def __init__(self, log: Log) -> None:
        self._database = log.pool

    async def requested(self) -> Sequence[Job]:
        return [Job(*row) for row in await requested_exports(self._database)]

    async def completed_before(self, moment: datetime) -> Sequence[UUID]:
        return await exports_completed_before(self._database, moment)


class Making:
    """Writes the file to disk, then into the store under the export's id."""

    def __init__(self, log: Log, objects: Objects) -> None:
        assert log.settings.database_url is not None
        self._database_url = log.settings.database_url
        self._log = log
        self._objects = objects

    async def make(self, job: Job, progressed: Progressed) -> Made:
        await _caught_up(self._log, job.position)
        with export_folder() as folder:
            path = Path(folder) / f"{job.noun}s.{job.format}"
            now = utc_now()
            export = Export(self._log.pool, [job.workspace], now, job.noun)
            total = await export.count() + (await export.count_history() if job.history else 0)
            order = Order(
                database_url=self._database_url,
                path=str(path),
                format=job.format,
                noun=job.noun,
                workspace=job.workspace,
                history=job.history,
                now=now,
            )
            rows = await write_apart(order, lambda done: progressed(done, max(done, total)))
            await progressed(rows, rows)
            with path.open("rb") as file:
                digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
                size = file.tell()
                file.seek(0)
                await self._objects.put_file(job.export, file, media_type=MEDIA_TYPES[job.format])
        return Made(rows, size, digest.hexdigest())

    def discard(self, exports: Sequence[UUID]) -> None:
        self._objects.discard(exports)


async def _caught_up(log: Log, position: int) -> None:
    """Raises `Unavailable` when the read models do not get there."""
    waiter = Waiter(log.pool, log.log_id)
    try:
        for projection in _SHOWN:
            await waiter.wait_for(projection, position, seconds=10)
    finally:
        await waiter.close()
