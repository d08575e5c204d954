"""What an importer needs of the older database, of the log and of the folder of files."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from commands.accounts import Account
from commands.base import Claim, Stream
from commands.imports.items import Item
from commands.imports.tables import OldTable
from events.base import Fact


class Found(Protocol):
    @property
    def table(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, str]: ...


class Old(Protocol):
    def found(self, wanted: OldTable) -> Found | None: ...
    def problems(self, wanted: OldTable) -> Sequence[str]: ...
    async def count(self, wanted: OldTable) -> int: ...
    def pages(self, wanted: OldTable) -> AsyncIterator[Sequence[Mapping[str, Any]]]: ...


class Written(msgspec.Struct, frozen=True):
    """`known` was there already; for `refused` the field or claim that it was for, and why."""

    outcome: Literal["added", "known", "refused"]
    field: str = ""
    reason: str = ""


class Kept(msgspec.Struct, frozen=True):
    """A fact as the log has it; None for one that cannot be read."""

    version: int
    at: datetime
    fact: Fact | None


class Log(Protocol):
    async def begun(self, streams: Collection[UUID]) -> Mapping[UUID, str]:
        """Those that there are, and their nouns."""
        ...

    async def holders(self, claims: Collection[Claim]) -> Mapping[Claim, UUID]: ...

    async def write(self, items: Sequence[Item]) -> Sequence[Written]: ...

    async def kept(
        self, streams: Collection[UUID], up_to: int
    ) -> Mapping[UUID, Sequence[Kept]]: ...

    async def account(self, id: UUID) -> Stream[Account]: ...

    async def has_password(self, account: UUID) -> bool: ...

    async def head(self) -> int: ...

    async def join(self, accounts: Sequence[UUID]) -> int:
        """Into the workspace that everybody of the older system shares; how many found no room."""
        ...


class Files(Protocol):
    async def problem(self, path: str, size: int) -> str | None:
        """Why it cannot be taken: the rest of a sentence that begins with its path."""
        ...

    async def store(self, path: str, key: UUID) -> str:
        """Its SHA-256, once it is stored under the key."""
        ...
