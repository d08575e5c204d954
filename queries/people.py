"""Who are these accounts?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from queries.database import Database

_COLUMNS = (
    "a.id, a.email, a.username, a.full_name, a.avatar_url, a.registered_at,"
    " a.deactivated_at IS NULL"
)


class PersonRow(msgspec.Struct, frozen=True):
    id: UUID
    email: str
    username: str | None
    full_name: str
    avatar_url: str | None
    created_at: datetime
    active: bool = True


async def people(database: Database, accounts: Sequence[UUID]) -> list[PersonRow]:
    """Those that there are, in no order."""
    records = await database.fetch(
        f"SELECT {_COLUMNS} FROM read.accounts a WHERE a.id = ANY($1::uuid[])",  # noqa: S608
        list(set(accounts)),
    )
    return [PersonRow(*record.values()) for record in records]


async def members_of(database: Database, workspace: UUID) -> list[PersonRow]:
    """Those whose accounts are active, by full name."""
    records = await database.fetch(
        f"SELECT {_COLUMNS} FROM read.members m JOIN read.accounts a ON a.id = m.account"  # noqa: S608
        " WHERE m.workspace = $1 AND a.deactivated_at IS NULL ORDER BY a.full_name, a.id",
        workspace,
    )
    return [PersonRow(*record.values()) for record in records]
