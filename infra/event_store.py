"""Reading the log: by stream, by position, by owner."""

from collections.abc import Collection, Sequence
from typing import cast
from uuid import UUID

import asyncpg

from events.append import CommandRecord
from events.codec import LogRow
from infra.postgres import Pool

COLUMNS = (
    "originator_id, originator_version, topic, state, notification_id, owner_id, occurred_at, "
    "recorded_at, metadata, digest"
)


class EventStore:
    """The read half of the store; `infra.appender` is the other."""

    def __init__(self, pool: Pool, log_id: UUID) -> None:
        self._pool = pool
        self.log_id = log_id

    @classmethod
    async def open(cls, pool: Pool) -> "EventStore":
        async with pool.connection() as connection:
            log_id = await connection.fetchval("SELECT log_id FROM log")
        return cls(pool, log_id)

    async def head(self) -> int:
        """The last position; 0 while the log is empty."""
        async with self._pool.connection() as connection:
            return cast(
                int,
                await connection.fetchval("SELECT coalesce(max(notification_id), 0) FROM events"),
            )

    async def stream(
        self,
        stream: UUID,
        *,
        after: int = 0,
        up_to: int | None = None,
        limit: int | None = None,
        newest: bool = False,
    ) -> list[LogRow]:
        """The events of one stream with `after` < version ≤ `up_to`, in order or newest first."""
        return await self._rows(
            "originator_id = $1 AND originator_version > $2"
            " AND ($3::bigint IS NULL OR originator_version <= $3)"
            f" ORDER BY originator_version {'DESC' if newest else 'ASC'} LIMIT $4",
            stream,
            after,
            up_to,
            limit,
        )

    async def after(
        self,
        position: int,
        *,
        limit: int = 500,
        up_to: int | None = None,
        topics: Sequence[str] = (),
    ) -> list[LogRow]:
        """The next events of the whole log, in position order and without a hole; with `topics`
        only those."""
        only = " AND topic = ANY($4::text[])" if topics else ""
        return await self._rows(
            "notification_id > $1 AND ($2::bigint IS NULL OR notification_id <= $2)"
            f"{only} ORDER BY notification_id LIMIT $3",
            position,
            up_to,
            limit,
            *([list(topics)] if topics else []),
        )

    async def of_owners(
        self, owners: Sequence[UUID], position: int, *, up_to: int, limit: int
    ) -> list[LogRow]:
        """The next events of these workspaces and accounts, in position order."""
        return await self._rows(
            "owner_id = ANY($1::uuid[]) AND notification_id > $2 AND notification_id <= $3"
            " ORDER BY notification_id LIMIT $4",
            list(owners),
            position,
            up_to,
            limit,
        )

    async def of_streams(self, streams: Collection[UUID], *, up_to: int) -> list[LogRow]:
        """The events of these streams with version ≤ `up_to`, each stream in order."""
        return await self._rows(
            "originator_id = ANY($1::uuid[]) AND originator_version <= $2"
            " ORDER BY originator_id, originator_version",
            list(streams),
            up_to,
        )

    async def begun(self, streams: Collection[UUID]) -> dict[UUID, str]:
        """Those of them that there are, and their nouns."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT originator_id, split_part(topic, '.', 1) FROM events"
                " WHERE originator_id = ANY($1::uuid[]) AND originator_version = 1",
                list(streams),
            )
        return {row[0]: row[1] for row in rows}

    async def at(self, position: int) -> LogRow | None:
        rows = await self._rows("notification_id = $1", position)
        return rows[0] if rows else None

    async def command(self, command_id: UUID) -> CommandRecord | None:
        async with self._pool.connection() as connection:
            row = await connection.fetchrow(
                "SELECT fingerprint, last_position, event_count, stream, version, recorded_at"
                " FROM commands WHERE command_id = $1",
                command_id,
            )
        return CommandRecord(*row.values()) if row else None

    async def last_positions_of(self, accounts: Collection[UUID]) -> dict[UUID, int]:
        """The head that each account's last command has seen; 0 if it gave none."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT account, coalesce((SELECT max(last_position) FROM commands c"
                " WHERE c.account = asked.account), 0) FROM unnest($1::uuid[]) AS asked (account)",
                list(accounts),
            )
        return {row[0]: row[1] for row in rows}

    async def claimed_by(self, keys: Sequence[bytes]) -> dict[bytes, UUID]:
        """Which stream holds each of these claims; free ones are absent."""
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                "SELECT key, stream FROM claims WHERE key = ANY($1::bytea[])", list(keys)
            )
        return {row["key"]: row["stream"] for row in rows}

    async def secret(self, owner: UUID, kind: str) -> bytes | None:
        async with self._pool.connection() as connection:
            return cast(
                bytes | None,
                await connection.fetchval(
                    "SELECT value FROM secrets WHERE owner = $1 AND kind = $2", owner, kind
                ),
            )

    async def _rows(self, where: str, *arguments: object) -> list[LogRow]:
        async with self._pool.connection() as connection:
            rows = await connection.fetch(
                f"SELECT {COLUMNS} FROM events WHERE {where}",  # noqa: S608 - literals above
                *arguments,
            )
        return [log_row(row) for row in rows]


def log_row(row: asyncpg.Record) -> LogRow:
    return LogRow(
        originator_id=row[0],
        originator_version=row[1],
        topic=row[2],
        state=row[3],
        id=row[4],
        owner=row[5],
        occurred_at=row[6],
        recorded_at=row[7],
        metadata=row[8],
        digest=row[9],
    )
