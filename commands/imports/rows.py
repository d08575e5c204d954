"""What stands in a row of an older system, or which column of it cannot be read?

A value that the reader of the database could not make sense of is an exception in its place.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar
from uuid import UUID

import msgspec

from commands.tags import MAX_NAME
from events.moments import ENDS

T = TypeVar("T")


class RowRefused(Exception):
    """`table key column: reason`, in the words of the older system's own schema."""

    def __init__(self, table: str, key: str, column: str, reason: str) -> None:
        super().__init__(f"{table} {key} {column}: {reason}")
        self.column = column


class Source(msgspec.Struct, frozen=True):
    """The table that a row stands in, and what it calls the fields asked for."""

    table: str
    columns: Mapping[str, str]


class Row:
    def __init__(self, source: Source, values: Mapping[str, Any]) -> None:
        self.source = source
        self._values = values

    @property
    def key(self) -> str:
        value = self._values.get("id")
        return "?" if isinstance(value, Exception) else str(value)

    def refuse(self, field: str, reason: str) -> NoReturn:
        column = self.source.columns.get(field, field)
        raise RowRefused(self.source.table, self.key, column, reason)

    def value(self, field: str) -> Any:
        """None where it is null, or where the table has no such column."""
        found = self._values.get(field)
        if isinstance(found, Exception):
            self.refuse(field, str(found))
        return found

    def text(self, field: str) -> str:
        return self._there(field, self.maybe_text(field))

    def maybe_text(self, field: str) -> str | None:
        found = self.value(field)
        return None if found is None else str(found)

    def number(self, field: str) -> int:
        found = self._there(field, self.value(field))
        try:
            return int(found)
        except (TypeError, ValueError):
            return self.refuse(field, "is no whole number")

    def uuid(self, field: str) -> UUID:
        found = self._there(field, self.value(field))
        try:
            return found if isinstance(found, UUID) else UUID(str(found))
        except ValueError:
            return self.refuse(field, "is no UUID")

    def reference(self, field: str) -> str:
        """The key of another row, as `key` says it there."""
        return str(self._there(field, self.value(field)))

    def flag(self, field: str, *, default: bool = False) -> bool:
        found = self.value(field)
        if found is None:
            return default
        if isinstance(found, bool | int):
            return bool(found)
        known = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
        wanted = known.get(str(found).strip().lower())
        return self._there(field, wanted, "is neither true nor false")

    def choice(self, field: str, known: Mapping[str, T], default: str) -> T:
        found = self.maybe_text(field) or default
        if found not in known:
            self.refuse(field, f"{found!r} is none of {', '.join(known)}")
        return known[found]

    def moment(self, field: str) -> date | datetime | None:
        """Moments without a zone were written in UTC."""
        found = self.value(field)
        if isinstance(found, datetime):
            return self._instant(field, found)
        if found is None or isinstance(found, date):
            return found
        return self.refuse(field, "is neither a date nor a moment")

    def _instant(self, field: str, found: datetime) -> datetime:
        try:
            instant = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except OverflowError:
            instant = ENDS[0]
        return self.refuse(field, "is a moment out of range") if instant in ENDS else instant

    def day(self, field: str) -> date | None:
        found = self.moment(field)
        return found.date() if isinstance(found, datetime) else found

    def instant(self, field: str) -> datetime | None:
        found = self.moment(field)
        if found is None or isinstance(found, datetime):
            return found
        return datetime(found.year, found.month, found.day, tzinfo=UTC)

    def happened(self, field: str, *others: str) -> datetime:
        """When; the first of the fields that has a value."""
        for name in (field, *others):
            if found := self.instant(name):
                return found
        return self.refuse(field, "is missing")

    def texts(self, field: str) -> tuple[str, ...]:
        found = self.value(field)
        if isinstance(found, str):
            try:
                found = json.loads(found)
            except ValueError:
                self.refuse(field, "is no JSON")
        if found is None:
            return ()
        if not isinstance(found, list):
            self.refuse(field, "is no list")
        for each in found:
            if isinstance(each, Exception):
                self.refuse(field, str(each))
            if not isinstance(each, str):
                self.refuse(field, "is no list of texts")
            if len(each) > MAX_NAME:  # these are names of tags
                self.refuse(field, f"has one of more than {MAX_NAME} characters")
        return tuple(found)

    def _there(self, field: str, found: T | None, reason: str = "is missing") -> T:
        if found is None:
            self.refuse(field, reason)
        return found
