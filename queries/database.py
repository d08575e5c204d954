"""The read models' database, as queries see it."""

from collections.abc import Sequence
from typing import Any, Protocol


class Record(Protocol):
    def values(self) -> Any: ...
    def __getitem__(self, key: str | int) -> Any: ...


class Database(Protocol):
    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        """All rows. Raises `Unavailable` when the server is away."""
        ...
