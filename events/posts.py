"""What can happen to a post, and how often it is seen."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from msgspec import UNSET, UnsetType

from events.base import Fact, edits_of

PostStatus = Literal["draft", "published", "archived"]
_VIEWS = UUID("5d1f6a83-0b0c-5f0e-9c55-2b8a6f3f8d17")


class PostCreated(Fact, frozen=True):
    """A draft. `content` is Markdown; `slug`, if one was chosen, is unique in its workspace;
    `number` is the one that an imported post had before."""

    workspace: UUID
    title: str
    content: str
    slug: str | None = None
    number: int | None = None


class PostEdited(Fact, frozen=True):
    """Only what changed is set."""

    title: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET


class PostPublished(Fact, frozen=True):
    """For the first time, or again; the slug stays as it was then."""

    slug: str


class PostUnpublished(Fact, frozen=True):
    """It is a draft again."""


class PostArchived(Fact, frozen=True):
    pass


class PostTagged(Fact, frozen=True):
    tag: UUID


class PostUntagged(Fact, frozen=True):
    tag: UUID


class PostDeleted(Fact, frozen=True):
    pass


class PostRestored(Fact, frozen=True):
    pass


PostEvent = (
    PostCreated
    | PostEdited
    | PostPublished
    | PostUnpublished
    | PostArchived
    | PostTagged
    | PostUntagged
    | PostDeleted
    | PostRestored
)


class ViewCounted(Fact, frozen=True):
    """The post was seen, `views` times (more than once only when it was imported), which makes
    `count` in all. In a stream of its own, `views_of(post)`: a view neither changes the post nor
    gets in the way of whoever does."""

    post: UUID
    count: int
    views: int = 1


def views_of(post: UUID) -> UUID:
    return uuid5(_VIEWS, post.hex)


def changes_by(
    fact: PostEvent, tags: tuple[UUID, ...], published_at: datetime | None, at: datetime
) -> dict[str, Any]:
    """What the fact sets of a post that has these tags and was first published then: for
    decisions and read models alike."""
    match fact:
        case PostCreated():
            return {"title": fact.title, "content": fact.content, "slug": fact.slug}
        case PostEdited():
            return edits_of(fact)
        case PostPublished():
            first = published_at or at
            return {"status": "published", "slug": fact.slug, "published_at": first}
        case PostUnpublished():
            return {"status": "draft"}
        case PostArchived():
            return {"status": "archived"}
        case PostTagged():
            return {"tags": (*tags, fact.tag)}
        case PostUntagged():
            return {"tags": tuple(tag for tag in tags if tag != fact.tag)}
        case PostDeleted():
            return {"deleted_at": at}
        case PostRestored():
            return {"deleted_at": None}
