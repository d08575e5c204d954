"""The worker process: relay, projectors and policies."""

import asyncio
import logging

from events.cloud import decode_cloud_event
from events.envelope import Recorded
from events.refusals import Unavailable
from events.zones import known_zones
from gateway.bootstrap.exporting import make_exports
from gateway.bootstrap.files import sweep_files
from gateway.bootstrap.mailing import send_mails
from gateway.bootstrap.overdue import announce_overdue
from gateway.bootstrap.services import (
    Log,
    make_handler,
    make_stream,
    open_appender,
    open_log,
    prepare_database,
)
from infra.leases import Lease
from infra.postgres import Pool
from infra.relay import Relay
from infra.retention import delete_old_command_records
from infra.settings import Settings
from infra.shared_source import SharedSource
from infra.source import EventSource
from infra.zones import unknown_zones
from projections.catalog import PROJECTIONS
from projections.projector import Projector
from projections.table import Projection

_log = logging.getLogger(__name__)


async def work(settings: Settings) -> None:
    """Until cancelled. Any number of workers may run: each part has one leader among them."""
    await prepare_database(settings)
    async with (
        open_log(settings) as log,
        open_appender(log) as appender,
        asyncio.TaskGroup() as parts,
    ):
        await warn_of_zones(log.pool)
        handler = make_handler(log, appender)
        parts.create_task(Lease(log.pool, "relay").lead(make_relay(log).run), name="relay")
        source, building = SharedSource(make_source(log)), asyncio.Lock()
        for projection in PROJECTIONS:
            projector = make_projector(log, projection, source, building)
            parts.create_task(projector.run(), name=projection.name)
        parts.create_task(announce_overdue(log, handler), name="overdue")
        parts.create_task(send_mails(log, handler, source), name="mail")
        parts.create_task(make_exports(log, handler), name="exports")
        parts.create_task(sweep_files(log), name="orphan objects")
        parts.create_task(forget_commands(log), name="command records")


async def warn_of_zones(pool: Pool) -> None:
    """A list that needs to know when a day ends in such a zone would fail."""
    try:
        unknown = await unknown_zones(pool, known_zones())
    except Unavailable as error:  # it reads a thousand files for this, and may take too long
        _log.warning("whether Postgres knows all time zones is not known: %s", error)
        return
    if unknown:
        _log.error(
            "Postgres lacks %d time zones that workspaces may have, such as %s: add its older "
            "names (on Debian, the package tzdata-legacy)",
            len(unknown),
            unknown[0],
        )


async def forget_commands(log: Log) -> None:
    """Every hour; a command repeated after the retention is a new one."""
    while True:
        try:
            await delete_old_command_records(log.pool, log.settings.command_record_days)
        except Unavailable as error:
            _log.warning("old command records stay for another hour: %s", error)
        await asyncio.sleep(3600)


def make_relay(log: Log) -> Relay:
    return Relay(log.nats, log.reader, make_stream(log), prefix=log.settings.subject_prefix)


def make_source(log: Log) -> EventSource[Recorded]:
    prefix = log.settings.subject_prefix
    return EventSource(log.nats, log.reader, decode_cloud_event, prefix=prefix)


def make_projector(
    log: Log, projection: Projection, source: SharedSource, building: asyncio.Lock
) -> Projector:
    prefix = log.settings.subject_prefix
    return Projector(
        projection,
        pool=log.pool,
        log=log.reader,
        source=source,
        lead=Lease(log.pool, projection.lease).lead,
        building=building,
        on_commit=lambda name, position: log.nats.hint(
            f"{prefix}.hints.projected.{name}", position
        ),
    )
