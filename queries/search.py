"""Where do these words stand?"""

import html
import unicodedata
from collections.abc import Sequence
from uuid import UUID

import msgspec

from events.refusals import Invalid
from projections.search import JOINTS
from queries import paging
from queries.database import Database
from queries.lists import demand_membership
from queries.paging import Cursor, Page

_QUERY = "search:rank"
_MAX_WORDS = 20
_RANKS = 1e38  # what a `real` holds
# Control characters that no text may hold mark a hit until the rest is escaped, and stand for
# what would join words.
_BEGIN, _END = "\x02", "\x03"
_APART = "\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12"
_JOINED = str.maketrans(_APART, JOINTS)
_JOINERS = "\u200c\u200d"
_TITLE = f"StartSel={_BEGIN},StopSel={_END},HighlightAll=true"
_BODY = f"StartSel={_BEGIN},StopSel={_END},MaxWords=30,MinWords=15,ShortWord=0"

# A headline takes seconds over long texts that hold the words a thousand times. So the page is cut
# before its snippets are made, and each of what stands around the word that comes up last.
_LONG = 4_000
_AROUND = f"""CASE WHEN length(body) <= {_LONG} THEN body ELSE substr(body, greatest(1, (
    SELECT max(regexp_instr(body, word, 1, 1, 0, 'i')) FROM unnest($12::text[]) AS word
) - {_LONG // 2}), {_LONG}) END"""  # noqa: S608 - of literals
_SQL = f"""
WITH hits AS (
    SELECT d.id, d.workspace, d.noun, d.task, coalesce(t.title, d.title) AS title, d.body,
        ts_rank_cd(d.words, query) AS rank
    FROM to_tsquery('simple', $1) AS query, read.documents d
        LEFT JOIN read.documents t ON t.id = d.task
    WHERE d.words @@ query AND NOT d.deleted AND NOT coalesce(t.deleted, false)
        AND d.workspace IN (SELECT workspace FROM read.members WHERE account = $2)
        AND ($3::uuid[] IS NULL OR d.workspace = ANY($3))
        AND ($4::text[] IS NULL OR d.noun = ANY($4))
), page AS (
    SELECT * FROM hits
    WHERE $5::real IS NULL OR (rank, id) < ($5, $6::uuid)
    ORDER BY rank DESC, id DESC LIMIT $7
)
SELECT id, workspace, noun, task, title,
    ts_headline('simple', translate(title, $10, $11), to_tsquery('simple', $1), $8),
    ts_headline('simple', translate({_AROUND}, $10, $11), to_tsquery('simple', $1), $9),
    rank
FROM page ORDER BY rank DESC, id DESC
"""  # noqa: S608 - of literals


class Hit(msgspec.Struct, frozen=True):
    """`noun` is what was found: a task, a comment, a note or a post. `title_html` and
    `snippet_html` are escaped HTML in which `<mark>` surrounds each hit. For a comment, `task` is
    the one that it is about and the title is that task's; else it is null."""

    id: UUID
    workspace: UUID
    noun: str
    task: UUID | None
    title: str
    title_html: str
    snippet_html: str
    rank: float


async def search(
    database: Database,
    *,
    log: UUID,
    account: UUID,
    text: str,
    workspaces: Sequence[UUID] = (),
    nouns: Sequence[str] = (),
    limit: int = 20,
    cursor: str | None = None,
) -> Page[Hit]:
    """All words must occur, each as the beginning of a word. Raises `Invalid` for no word, and
    `NotFound` for a workspace that the account is not in."""
    after = paging.decode(cursor, log=log, query=_QUERY) if cursor is not None else None
    words = words_of(text)
    records = await database.fetch(
        _SQL,
        " & ".join(f"'{word}':*" for word in words),
        account,
        list(workspaces) or None,
        list(nouns) or None,
        _rank(after) if after else None,
        after.id if after else None,
        limit + 1,
        _TITLE,
        _BODY,
        JOINTS,
        _APART,
        [f"(?:^|[^[:alnum:]]){word}" for word in words],
    )
    await demand_membership(database, account, workspaces, found=bool(records))
    rows, more = paging.cut(records, limit)
    hits = [
        Hit(id, workspace, noun, task, title, _marked(title_line), _marked(snippet), rank)
        for id, workspace, noun, task, title, title_line, snippet, rank in rows
    ]
    last = Cursor(log, _QUERY, repr(hits[-1].rank), hits[-1].id) if more else None
    return Page(hits, paging.encode(last) if last else None)


def words_of(text: str) -> Sequence[str]:
    """They hold nothing that means something in a tsquery or a pattern. Raises `Invalid`."""
    kept = "".join(c if _is_of_a_word(c) else " " for c in text)
    words = [word for word in kept.split() if any(map(str.isalnum, word))]
    if not words:
        raise Invalid("must hold at least one word", field="q")
    if len(words) > _MAX_WORDS:
        raise Invalid(f"may hold at most {_MAX_WORDS} words", field="q")
    return words


def _is_of_a_word(character: str) -> bool:
    """In many scripts vowels are marks on letters."""
    is_mark = unicodedata.category(character).startswith("M")
    return character.isalnum() or is_mark or character in _JOINERS


def _rank(cursor: Cursor) -> float:
    """Raises `Invalid` for what Postgres would not take for one either."""
    try:
        rank = float(cursor.key)
    except ValueError:
        rank = -1.0
    if not 0 <= rank < _RANKS:
        raise Invalid("is not a cursor of this list", field="cursor")
    return rank


def _marked(text: str) -> str:
    written = html.escape(text.translate(_JOINED))
    return written.replace(_BEGIN, "<mark>").replace(_END, "</mark>")
