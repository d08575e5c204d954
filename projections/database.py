"""What projections need of a database: a pool, and the statements for their tables."""

import types
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Protocol,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import asyncpg

from projections.table import Row, Table

if TYPE_CHECKING:  # generic in the stubs alone
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Connection = asyncpg.pool.PoolConnectionProxy

HOURS = 6 * 3600.0

_TYPES: dict[Any, str] = {
    UUID: "uuid",
    str: "text",
    int: "bigint",
    bool: "boolean",
    datetime: "timestamptz",
    date: "date",
    tuple[UUID, ...]: "uuid[]",
    tuple[str, ...]: "text[]",
}


class Pool(Protocol):
    """Raises `events.refusals.Unavailable` when the database is away or busy."""

    def connection(self) -> AbstractAsyncContextManager[Connection]: ...


class Statements:
    """The SQL of one table in one schema. Names come from our own declarations only."""

    def __init__(self, table: Table[Any], schema: str) -> None:
        self._table = table
        self.name = f"{schema}.{table.name}"
        self.view = table.name
        self.types = {name: kind for name, (kind, _) in column_types(table.row).items()}
        self.arrays = [n for n, kind in enumerate(self.types.values()) if kind.endswith("[]")]

    @property
    def create(self) -> str:
        columns = [
            f"{name} {kind}{'' if optional else ' NOT NULL'}"
            for name, (kind, optional) in column_types(self._table.row).items()
        ]
        key = f"PRIMARY KEY ({', '.join(self._table.key)})"
        body = ", ".join([*columns, *self._table.generated, key])
        return f"CREATE TABLE {self.name} ({body}) WITH (fillfactor = 85)"

    @property
    def create_indexes(self) -> list[str]:
        return [f"CREATE INDEX ON {self.name} {index}" for index in self._table.indexes]

    @cached_property
    def load(self) -> str:
        columns = ", ".join(f"t.{name}" for name in self._table.columns)
        return f"SELECT {columns} FROM {self.name} t JOIN {self._keys} USING ({self._key})"  # noqa: S608

    @cached_property
    def write(self) -> str:
        """Insert or overwrite. Arrays of arrays cannot be unnested, so those travel as text."""
        columns = self._table.columns
        shapes = ["text" if n in self.arrays else t for n, t in enumerate(self.types.values())]
        given = ", ".join(f"${n}::{shape}[]" for n, shape in enumerate(shapes, 1))
        taken = ", ".join(
            f"{name}::{self.types[name]}" if n in self.arrays else name
            for n, name in enumerate(columns)
        )
        changes = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in self._table.key)
        return (
            f"INSERT INTO {self.name} ({', '.join(columns)})"  # noqa: S608
            f" SELECT {taken} FROM unnest({given}) AS given ({', '.join(columns)})"
            f" ON CONFLICT ({self._key}) DO"
            f" {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
        )

    @cached_property
    def delete(self) -> str:
        same = " AND ".join(f"t.{name} = keys.{name}" for name in self._table.key)
        return f"DELETE FROM {self.name} t USING {self._keys} WHERE {same}"  # noqa: S608

    @property
    def _key(self) -> str:
        return ", ".join(self._table.key)

    @property
    def _keys(self) -> str:
        given = ", ".join(f"${n}::{self.types[c]}[]" for n, c in enumerate(self._table.key, 1))
        return f"unnest({given}) AS keys ({self._key})"


def column_types(row: type[Row]) -> dict[str, tuple[str, bool]]:
    """Column -> its Postgres type and whether it may be null."""
    return {name: _column(hint) for name, hint in get_type_hints(row).items()}


def _column(hint: Any) -> tuple[str, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [arm for arm in get_args(hint) if arm is not type(None)]
        (kind,) = {_column(arm)[0] for arm in rest}
        return kind, len(rest) < len(get_args(hint))
    if get_origin(hint) is Literal:
        (only,) = {type(value) for value in get_args(hint)}
        return _TYPES[only], False
    return _TYPES[hint], False


def array_text(values: tuple[object, ...]) -> str:
    """A Postgres array literal of values that need no quoting: ids and names of fields."""
    return f"{{{','.join(map(str, values))}}}"
