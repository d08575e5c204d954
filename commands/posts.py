"""What may be done to a post."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from commands.base import Claim, Command, Context, Decider, edits
from commands.slugs import CLAIM, slug_of
from commands.tagging import arranged
from events.base import Fact, Role
from events.posts import (
    PostArchived,
    PostCreated,
    PostDeleted,
    PostEdited,
    PostEvent,
    PostPublished,
    PostRestored,
    PostStatus,
    PostTagged,
    PostUnpublished,
    PostUntagged,
    changes_by,
)
from events.refusals import Conflict, NotFound


class CreatePost(Command, frozen=True, kw_only=True):
    """`number` is the one that an imported post had before; `slug_number` as for `PublishPost`."""

    workspace: UUID
    title: str
    content: str
    status: PostStatus = "draft"
    slug: str | None = None
    slug_number: int = 1
    tags: tuple[UUID, ...] = ()
    number: int | None = None


class EditPost(Command, frozen=True, kw_only=True):
    """What is UNSET stays as it is."""

    title: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    slug: str | UnsetType = UNSET


class PublishPost(Command, frozen=True, kw_only=True):
    """`slug_number` tells its slug from others like it, if it has none and gets one now."""

    slug_number: int = 1


class UnpublishPost(Command, frozen=True):
    """Make it a draft, whatever it is."""


class ArchivePost(Command, frozen=True):
    pass


class TagPost(Command, frozen=True, kw_only=True):
    tag: UUID


class UntagPost(Command, frozen=True, kw_only=True):
    tag: UUID


class RetagPost(Command, frozen=True, kw_only=True):
    """Exactly these tags in exactly this order."""

    tags: tuple[UUID, ...]


class DeletePost(Command, frozen=True):
    pass


class RestorePost(Command, frozen=True):
    pass


PostCommand = (
    CreatePost
    | EditPost
    | PublishPost
    | UnpublishPost
    | ArchivePost
    | TagPost
    | UntagPost
    | RetagPost
    | DeletePost
    | RestorePost
)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """`published_at` is when it first was."""

    workspace: UUID | None = None
    title: str = ""
    content: str = ""
    status: PostStatus = "draft"
    slug: str | None = None
    tags: tuple[UUID, ...] = ()
    published_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def is_there(self) -> bool:
        return self.workspace is not None and self.deleted_at is None


def evolve(post: Post, event: PostEvent, at: datetime) -> Post:
    if isinstance(event, PostCreated):
        post = replace(post, workspace=event.workspace)
    return replace(post, **changes_by(event, post.tags, post.published_at, at))


def decide(command: PostCommand, post: Post, context: Context) -> Sequence[Fact]:
    if isinstance(command, CreatePost):
        return create(command, post)
    if not post.is_there and not (isinstance(command, RestorePost) and post.workspace):
        raise NotFound("there is no such post")
    match command:
        case EditPost():
            return edit(command, post)
        case PublishPost():
            return publish(post, command.slug_number)
        case UnpublishPost():
            return [] if post.status == "draft" else [PostUnpublished()]
        case ArchivePost():
            return [] if post.status == "archived" else [PostArchived()]
        case TagPost():
            return [] if command.tag in post.tags else retag((*post.tags, command.tag), post)
        case UntagPost():
            return [PostUntagged(tag=command.tag)] if command.tag in post.tags else []
        case RetagPost():
            return retag(command.tags, post)
        case DeletePost():
            return [PostDeleted()]
        case RestorePost():
            return [PostRestored()] if post.deleted_at else []


def create(command: CreatePost, post: Post) -> Sequence[Fact]:
    if post.workspace is not None:
        raise Conflict("a post with this id exists already", code="exists", field="id")
    created = PostCreated(
        workspace=command.workspace,
        title=command.title,
        content=command.content,
        slug=command.slug,
        number=command.number,
    )
    facts: list[Fact] = [created, *retag(command.tags, post)]
    if command.status == "published":
        born = replace(post, title=command.title, slug=command.slug)
        facts += publish(born, command.slug_number)
    if command.status == "archived":
        facts.append(PostArchived())
    return facts


def edit(command: EditPost, post: Post) -> Sequence[Fact]:
    changed = edits(command, post)
    if "slug" in changed and post.published_at is not None:
        raise Conflict(
            "the slug stays as it was when the post was first published",
            code="slug-settled",
            field="slug",
        )
    return [PostEdited(**changed)] if changed else []


def publish(post: Post, slug_number: int) -> Sequence[Fact]:
    if post.status == "published":
        return []
    return [PostPublished(slug=post.slug or slug_of(post.title, slug_number))]


def retag(tags: Sequence[UUID], post: Post) -> Sequence[Fact]:
    return arranged(tags, post.tags, tag=PostTagged, untag=PostUntagged)


def claims(post: Post, event: PostEvent) -> Sequence[Claim]:
    """A deleted post keeps its slug, for it may come back."""
    slug = getattr(event, "slug", None) or None
    if slug is None or slug == post.slug:
        return []
    workspace = event.workspace if isinstance(event, PostCreated) else post.workspace
    held = [Claim(CLAIM, post.slug, workspace, release=True)] if post.slug else []
    return [*held, Claim(CLAIM, slug, workspace)]


_ROLES: dict[type[Command], Role] = dict.fromkeys(get_args(PostCommand), "member")

POSTS = Decider(
    noun="post",
    initial=Post(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
    claims=claims,
)
