"""How TaskFlow Pro's notes and posts move in."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from commands.base import Claim
from commands.imports.items import Happened, Held, Item, stream_of
from commands.imports.rows import Row
from commands.imports.tables import Known, Named, home_of, number_of
from commands.imports.tasks import changed_after
from commands.slugs import CLAIM as SLUG
from commands.slugs import slug_of
from events.base import Fact
from events.notes import CATEGORY, NoteCreated, NoteEdited, NoteFavourited
from events.posts import (
    PostArchived,
    PostCreated,
    PostEdited,
    PostPublished,
    PostStatus,
    PostTagged,
    ViewCounted,
    views_of,
)

_STATUS: dict[str, PostStatus] = {
    "draft": "draft",
    "published": "published",
    "archived": "archived",
}


def note(row: Row, known: Known) -> Item:
    number, claim = number_of(row, known.system, "note")
    created = NoteCreated(
        title=row.text("title"),
        content=row.maybe_text("content"),
        category=row.maybe_text("category") or CATEGORY,
        number=number,
    )
    at = row.happened("created_at", "updated_at")
    last = changed_after(at, row.instant("updated_at"))
    facts: list[tuple[Fact, datetime]] = [(created, at)]
    if row.flag("is_favorite"):
        facts.append((NoteFavourited(), last or at))
    elif last:
        facts.append((NoteEdited(), last))
    return _item(row, known, stream_of(known.system, "note", number), [claim], facts)


def post(row: Row, known: Known) -> Item:
    number, claim = number_of(row, known.system, "post")
    home = home_of(known.account(row, "user_id"))
    stream = stream_of(known.system, "post", number)
    slug = f"{slug_of(row.text('title'))}-{number}"
    status = row.choice("status", _STATUS, "draft")
    claims = [claim]
    if status == "published":
        claims.append(Claim(SLUG, slug, home))
    facts = list(_post_facts(row, known, home, number, status, slug))
    item = _item(row, known, stream, claims, facts)
    views = row.number("view_count") if row.value("view_count") is not None else 0
    if views <= 0:
        return item
    counted = ViewCounted(post=stream, count=views, views=views)
    last = Happened(
        stream=views_of(stream), owner=home, fact=counted, at=facts[-1][1], actor=item.account
    )
    return replace(item, happened=[*item.happened, last])


def _post_facts(
    row: Row, known: Known, home: UUID, number: int, status: PostStatus, slug: str
) -> Iterator[tuple[Fact, datetime]]:
    at = row.happened("created_at", "updated_at")
    last = changed_after(at, row.instant("updated_at"))
    created = PostCreated(
        workspace=home, title=row.text("title"), content=row.text("content"), number=number
    )
    yield created, at
    for name in row.texts("tags"):
        yield PostTagged(tag=known.tags[home, name]), at
    if status == "published":
        yield PostPublished(slug=slug), last or at
    elif status == "archived":
        yield PostArchived(), last or at
    elif last:
        yield PostEdited(), last


def tags_of_post(row: Row, known: Known) -> Iterator[Named]:
    account = known.account(row, "user_id")
    at = row.happened("created_at", "updated_at")
    for name in dict.fromkeys(row.texts("tags")):
        yield Named(workspace=home_of(account), name=name, at=at, actor=account)


def _item(
    row: Row, known: Known, stream: UUID, claims: list[Claim], facts: list[tuple[Fact, datetime]]
) -> Item:
    account = known.account(row, "user_id")
    home = home_of(account)
    return Item(
        table=row.source.table,
        key=row.key,
        stream=stream,
        happened=[
            Happened(
                stream=stream,
                owner=home,
                fact=fact,
                at=at,
                actor=account,
                compared=not isinstance(fact, PostTagged),
            )
            for fact, at in facts
        ],
        claims=[Held(claim, stream) for claim in claims],
        account=account,
    )
