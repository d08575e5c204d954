"""The tables of an older system's database, read page by page in one snapshot, never written."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
import msgspec

from infra.old_values import decode_tolerantly
from infra.postgres import LOST, Connection

PAGE = 500
NO_TABLE = "there is, for this role at least, no table"
_CONNECT_SECONDS = 10.0
_COLUMNS = """
    SELECT c.table_name::text, c.column_name::text, c.data_type::text
    FROM information_schema.columns c
    WHERE c.table_schema = ANY (current_schemas(false))
    ORDER BY array_position(current_schemas(false), c.table_schema::name) DESC, c.ordinal_position
"""
# Enums, JSON and numbers of any length are read as text, lists as JSON.
_AS_IT_IS = frozenset(
    {
        *("integer", "bigint", "smallint", "text", "character varying", "character", "uuid"),
        *("boolean", "date", "timestamp without time zone", "timestamp with time zone"),
    }
)


class Lookup(Protocol):
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def column(self) -> Sequence[str]: ...
    @property
    def by(self) -> str: ...


class Listing(Protocol):
    @property
    def pairs(self) -> Sequence[str]: ...
    @property
    def mine(self) -> Sequence[str]: ...
    @property
    def theirs(self) -> Sequence[str]: ...
    @property
    def names(self) -> Sequence[str]: ...
    @property
    def column(self) -> Sequence[str]: ...


class Wanted(Protocol):
    """What is asked of one table; see `commands.imports.tables`."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def columns(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def optional(self) -> Collection[str]: ...
    @property
    def lookups(self) -> Mapping[str, Lookup]: ...
    @property
    def lists(self) -> Mapping[str, Listing]: ...
    @property
    def order(self) -> Sequence[str]: ...
    @property
    def grouped(self) -> bool: ...
    @property
    def may_be_missing(self) -> bool: ...


class Found(msgspec.Struct, frozen=True):
    """A table as this database has it: its name, and each field's column."""

    table: str
    columns: Mapping[str, str]


class OldDatabase:
    """`schema` says of each table which columns it has, and of what type."""

    def __init__(self, connection: Connection, schema: Mapping[str, Mapping[str, str]]) -> None:
        self._connection = connection
        self._schema = schema

    def found(self, wanted: Wanted) -> Found | None:
        """None where there is no such table."""
        table = self._first(wanted.names)
        if table is None:
            return None
        return Found(
            table,
            {
                field: column
                for field, names in wanted.columns.items()
                if (column := self._column(table, names)) is not None
            },
        )

    def problems(self, wanted: Wanted) -> list[str]:
        """What is missing, by its name."""
        found = self.found(wanted)
        if found is None:
            return [] if wanted.may_be_missing else [f"{NO_TABLE} {wanted.names[0]}"]
        return [
            f"table {found.table} has no column {' or '.join(names)}"
            for field, names in wanted.columns.items()
            if field not in found.columns and field not in wanted.optional
        ]

    async def count(self, wanted: Wanted) -> int:
        found = self._demand(wanted)
        key = _quoted(found.columns["id"])
        what = f"DISTINCT coalesce({key}::text, '')" if wanted.grouped else "*"
        with _away_if_lost():
            rows = await self._connection.fetch(
                f"SELECT count({what}) FROM {_quoted(found.table)}"  # noqa: S608 - quoted names
            )
        count: int = rows[0][0]
        return count

    async def pages(self, wanted: Wanted) -> AsyncIterator[list[Mapping[str, Any]]]:
        with _away_if_lost():
            cursor = await self._connection.cursor(self._query(wanted))
        while True:
            with _away_if_lost():
                rows = await cursor.fetch(PAGE)
            if not rows:
                return
            yield [dict(row) for row in rows]

    def _query(self, wanted: Wanted) -> str:
        found = self._demand(wanted)
        if wanted.grouped:
            return self._grouped(found)
        shown = [self._shown(found, field) for field in found.columns]
        shown += [self._looked_up(found, field, each) for field, each in wanted.lookups.items()]
        shown += [self._listed(found, field, each) for field, each in wanted.lists.items()]
        order = ", ".join(f"t.{_quoted(found.columns[field])}" for field in wanted.order)
        return f"SELECT {', '.join(shown)} FROM {_quoted(found.table)} t ORDER BY {order}"  # noqa: S608

    def _grouped(self, found: Found) -> str:
        key = _quoted(found.columns["id"])
        first = found.columns.get("created_at")
        at = f"min(t.{_quoted(first)})" if first else "NULL::timestamptz"
        return (
            f"SELECT t.{key} AS id, {at} AS created_at FROM {_quoted(found.table)} t"  # noqa: S608
            f" GROUP BY t.{key} ORDER BY t.{key}"
        )

    def _shown(self, found: Found, field: str) -> str:
        column = found.columns[field]
        kind = self._schema[found.table][column]
        value = f"t.{_quoted(column)}"
        if kind == "ARRAY":
            value = f"to_json({value})::text"
        elif kind not in _AS_IT_IS:
            value = f"{value}::text"
        return f"{value} AS {_quoted(field)}"

    def _looked_up(self, found: Found, field: str, wanted: Lookup) -> str:
        table = self._first(wanted.names)
        column = self._column(table, wanted.column) if table else None
        if table is None or column is None:
            return f"NULL AS {_quoted(field)}"
        return (
            f"(SELECT o.{_quoted(column)} FROM {_quoted(table)} o"  # noqa: S608
            f" WHERE o.id = t.{_quoted(found.columns[wanted.by])}) AS {_quoted(field)}"
        )

    def _listed(self, found: Found, field: str, wanted: Listing) -> str:
        pairs, table = self._first(wanted.pairs), self._first(wanted.names)
        if pairs is None or table is None:
            return f"NULL::text AS {_quoted(field)}"
        mine, theirs, column = (
            _quoted(self._column(name, names) or names[0])
            for name, names in (
                (pairs, wanted.mine),
                (pairs, wanted.theirs),
                (table, wanted.column),
            )
        )
        return (
            f"(SELECT json_agg(o.{column} ORDER BY o.{column})::text FROM {_quoted(pairs)} p"  # noqa: S608
            f" JOIN {_quoted(table)} o ON o.id = p.{theirs}"
            f" WHERE p.{mine} = t.{_quoted(found.columns['id'])}) AS {_quoted(field)}"
        )

    def _demand(self, wanted: Wanted) -> Found:
        found = self.found(wanted)
        assert found is not None, "only what is there is read"
        return found

    def _first(self, names: Sequence[str]) -> str | None:
        return next((name for name in names if name in self._schema), None)

    def _column(self, table: str, names: Sequence[str]) -> str | None:
        return next((name for name in names if name in self._schema[table]), None)


@asynccontextmanager
async def open_old_database(url: str) -> AsyncIterator[OldDatabase]:
    """One snapshot of it, so that its counts are those of the rows that are read. Raises a
    connection error that says why there is none."""
    try:
        connection: Connection = await asyncpg.connect(
            _understood(url),
            timeout=_CONNECT_SECONDS,
            statement_cache_size=0,  # whoever pools connections may hand out another one
            server_settings={"application_name": "tasktrail import"},
        )
    except (asyncpg.PostgresError, *LOST) as error:
        reason = str(error) or type(error).__name__
        raise ConnectionError(f"cannot connect to the older system's database: {reason}") from error
    try:
        await decode_tolerantly(connection)
        # It ends with the connection, which may be gone by then.
        await connection.transaction(isolation="repeatable_read", readonly=True).start()
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        schema: dict[str, dict[str, str]] = {}
        for table, column, kind in await connection.fetch(_COLUMNS):
            schema.setdefault(table, {})[column] = kind
        yield OldDatabase(connection, schema)
    finally:
        connection.terminate()


def _understood(url: str) -> str:
    """Without what only other drivers know; asyncpg would send it to the server as a setting."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query) if pair[0] != "channel_binding"]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class _away_if_lost:  # noqa: N801 - reads as a statement
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LOST):
            raise ConnectionError(
                "the older system's database went away: run the same command again to go on"
            ) from error
