"""Which things of a noun are there? For nouns that are shown as their rows stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from events.refusals import NotFound
from queries.database import Database
from queries.lists import TAGS, Arguments, Asked, Keyed, Listing, Wanted, list_page
from queries.paging import Page

F = TypeVar("F", bound=Wanted)
R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True)
class Listed(Generic[F, R]):
    """`columns` are the first fields of a `row`; its tags and its key follow. `conditions` are
    what a filter comes to in SQL."""

    noun: str
    listing: Listing
    row: type[R]
    columns: str
    conditions: Callable[[Arguments, F], list[str]]


async def list_of(database: Database, listed: Listed[F, R], asked: Asked[F]) -> Page[R]:
    arguments = Arguments()
    return await list_page(
        database,
        listed.listing,
        asked,
        listed.row,
        listed.columns,
        arguments=arguments,
        conditions=listed.conditions(arguments, asked.wanted),
    )


async def all_in(
    database: Database, listed: Listed[F, R], *, workspace: UUID, wanted: F
) -> list[R]:
    """All of one workspace, the newest first. Who may look is the caller's affair."""
    arguments = Arguments()
    conditions = [f"t.workspace = {arguments.add(workspace)}"]
    conditions += listed.conditions(arguments, wanted)
    records = await database.fetch(
        f"SELECT {listed.columns}, {TAGS}, '' FROM {listed.listing.source}"  # noqa: S608
        f" WHERE {' AND '.join(conditions)} ORDER BY t.created_at DESC, t.id DESC",
        *arguments.values,
    )
    return [listed.row(*record.values()) for record in records]


async def one_of(database: Database, listed: Listed[F, R], *, account: UUID, id: UUID) -> R:
    """Raises `NotFound`, for a deleted one too: its history tells what became of it."""
    records = await database.fetch(
        f"SELECT {listed.columns}, {TAGS}, '' FROM {listed.listing.source}"  # noqa: S608
        " JOIN read.members m ON m.workspace = t.workspace AND m.account = $1"
        " WHERE t.id = $2 AND t.deleted_at IS NULL",
        account,
        id,
    )
    if not records:
        raise NotFound(f"there is no such {listed.noun}")
    return listed.row(*records[0].values())
