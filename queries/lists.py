"""How does a page of a list get out of the database, whatever is listed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

import msgspec

from events.refusals import Invalid, NotFound
from queries import paging
from queries.database import Database
from queries.paging import Cursor, Page, moment_of, number_of

Order = Literal["asc", "desc"]

# Id, colour and name in one text each, for 36, 7 and the rest of its characters.
_TAG = "g.id::text || g.colour || g.name"
TAGS = (
    f"CASE WHEN t.tags <> '{{}}' THEN ARRAY(SELECT {_TAG} FROM"  # noqa: S608
    " unnest(t.tags) WITH ORDINALITY AS own(id, n) JOIN read.tags g USING (id)"
    " ORDER BY own.n) END"
)
TAGS_OF_PAGE = (
    f"ARRAY(SELECT {_TAG} FROM read.tags g"  # noqa: S608
    " WHERE g.id = ANY(ARRAY(SELECT DISTINCT unnest(p.tags) FROM page p)))"
)


class Wanted(Protocol):
    """What a list is narrowed to, by workspaces among others; none of them means all."""

    @property
    def workspaces(self) -> Sequence[UUID]: ...


class Keyed(Protocol):
    """A row that knows the text of what it is sorted by."""

    @property
    def id(self) -> UUID: ...
    @property
    def sort_key(self) -> str: ...


F = TypeVar("F", bound=Wanted)
R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True)
class Listing:
    """`source` is what follows FROM and calls its rows `t`; `keys` are what each order compares,
    and its type: `integer` for a place among four at most. `{missing}` in a key comes last."""

    name: str
    source: str
    keys: Mapping[str, tuple[str, str]]


class Asked(msgspec.Struct, Generic[F], frozen=True, kw_only=True):
    """By whom, for what, in which order and how much of it."""

    log: UUID
    account: UUID
    wanted: F
    sort: str = "created_at"
    order: Order = "desc"
    limit: int = 50
    cursor: str | None = None


class Arguments:
    """Bound parameters, numbered as they are added."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


async def list_page(
    database: Database,
    listing: Listing,
    asked: Asked[Any],
    kind: type[R],
    columns: str,
    *,
    arguments: Arguments,
    conditions: Sequence[str],
) -> Page[R]:
    """One statement: the caller's workspaces, and of each the next rows by an index. `columns`
    are the first fields of a row; its tags and its key follow."""
    query = f"{listing.name}:{asked.sort}:{asked.order}"
    after = None
    if asked.cursor is not None:
        after = paging.decode(asked.cursor, log=asked.log, query=query)
    sql = _list_sql(listing, asked, columns, arguments, conditions, after)
    records = await database.fetch(sql, *arguments.values)
    wanted = asked.wanted.workspaces
    await demand_membership(database, asked.account, wanted, found=bool(records))
    rows, more = paging.cut(rows_of([[*record.values()] for record in records], kind), asked.limit)
    last = Cursor(asked.log, query, rows[-1].sort_key, rows[-1].id) if more else None
    return Page(list(rows), paging.encode(last) if last else None)


def _list_sql(
    listing: Listing,
    asked: Asked[Any],
    columns: str,
    arguments: Arguments,
    conditions: Sequence[str],
    after: Cursor | None,
) -> str:
    wanted, order = asked.wanted, asked.order
    key, kind = listing.keys[asked.sort]
    key = key.replace("{missing}", "infinity" if order == "asc" else "-infinity")
    mine = f"m.account = {arguments.add(asked.account)}"
    if wanted.workspaces:
        mine += f" AND m.workspace = ANY({arguments.add(list(wanted.workspaces))}::uuid[])"
    where = ["t.workspace = mine.id", *conditions]
    if after is not None:
        compare = ">" if order == "asc" else "<"
        value = f"{arguments.add(_checked(after, kind))}::text::{kind}"
        where.append(f"({key}, t.id) {compare} ({value}, {arguments.add(after.id)}::uuid)")
    top = f"ORDER BY {{}} {order}, {{}} {order} LIMIT {arguments.add(asked.limit + 1)}"
    return (
        "WITH page AS MATERIALIZED (SELECT t.*"  # noqa: S608
        " FROM (SELECT w.id, w.time_zone FROM read.members m"
        f" JOIN read.workspaces w ON w.id = m.workspace WHERE {mine}) mine"
        f" CROSS JOIN LATERAL (SELECT {columns}, t.tags,"
        f" ({key})::text AS sort_key FROM {listing.source} WHERE {' AND '.join(where)}"
        f" {top.format(key, 't.id')}) t {top.format(f't.sort_key::{kind}', 't.id')})"
        f" SELECT *, CASE WHEN row_number() OVER () = 1 THEN {TAGS_OF_PAGE} END FROM page"
    )


def rows_of(records: Sequence[Sequence[Any]], kind: type[R]) -> list[R]:
    """The first record tells about the tags of all: looking for each row's own costs more than
    all the rest."""
    if not records:
        return []
    texts = {UUID(text[:36]): text for text in records[0][-1]}
    rows: list[R] = []
    for record in records:
        *values, tags, key, _ = record
        rows.append(kind(*(*values, [texts[tag] for tag in tags if tag in texts], key)))
    return rows


def tagged_with(arguments: Arguments, tags: Sequence[str]) -> str:
    """Any of these tags, by id or by name."""
    names = arguments.add(list(tags))
    return (
        "t.tags && ARRAY(SELECT g.id FROM read.tags g WHERE g.workspace = t.workspace"  # noqa: S608
        f" AND (g.name = ANY({names}::text[]) OR g.id::text = ANY({names}::text[])))"
    )


def containing(arguments: Arguments, text: str, *columns: str) -> str:
    """The text stands in one of these, whatever its case."""
    words = arguments.add(f"%{_literal(text)}%")
    return f"({' OR '.join(f'{column} ILIKE {words}' for column in columns)})"


def created_between(
    arguments: Arguments, begin: datetime | None, end: datetime | None
) -> list[str]:
    """From `begin`, before `end`."""
    return [
        f"t.created_at {compare} {arguments.add(moment)}::timestamptz"
        for compare, moment in ((">=", begin), ("<", end))
        if moment is not None
    ]


def _literal(text: str) -> str:
    """The text as a LIKE pattern that stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _checked(cursor: Cursor, kind: str) -> str:
    """The cursor's key, if it can be compared. Raises `Invalid`."""
    key = cursor.key
    if kind == "timestamptz" and key not in ("infinity", "-infinity"):
        return moment_of(cursor).isoformat()
    if kind == "bigint":
        number_of(cursor)
    if (kind == "integer" and key not in ("1", "2", "3", "4")) or "\0" in key:
        raise Invalid("is not a cursor of this list", field="cursor")
    return key


async def demand_membership(
    database: Database, account: UUID, workspaces: Sequence[UUID], *, found: bool
) -> None:
    """A list is only an answer where the caller may look at all; what was `found` in the only
    workspace that is named shows that. Raises `NotFound`."""
    if not workspaces or (found and len(workspaces) == 1):
        return
    records = await database.fetch(
        "SELECT workspace FROM read.members WHERE account = $1 AND workspace = ANY($2::uuid[])",
        account,
        list(workspaces),
    )
    if len(records) < len(set(workspaces)):
        raise NotFound("there is no such workspace", field="workspace")
