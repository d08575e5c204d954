"""What the post routes take, and which commands that means."""

from uuid import UUID

from msgspec import UNSET, UnsetType, field

from commands.base import Command, Stream
from commands.handler import Handler
from commands.posts import (
    POSTS,
    ArchivePost,
    CreatePost,
    EditPost,
    Post,
    PublishPost,
    RetagPost,
    UnpublishPost,
)
from commands.routes.task_bodies import TagNames
from commands.slugs import free_number
from commands.tagging import Tagging
from events.ids import new_id
from events.posts import PostStatus
from events.refusals import Invalid, NotFound
from gateway.http import Body, changes_in
from gateway.resources.posts import PostText, Slug
from gateway.resources.text import Title


class PostBody(Body, frozen=True):
    """A new post."""

    title: Title
    content: PostText
    workspace: UUID | None = None
    status: PostStatus = "draft"
    slug: Slug | None = None
    tags: TagNames = field(default_factory=list)


class PostPatch(Body, frozen=True):
    """A merge patch (RFC 7396): what is absent stays. The slug can be chosen until it is first
    published."""

    title: Title | UnsetType = UNSET
    content: PostText | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    status: PostStatus | UnsetType = UNSET
    tags: TagNames | UnsetType = UNSET


async def creation(handler: Handler, body: PostBody, workspace: UUID) -> list[Command]:
    tagging = Tagging(handler)
    title = body.title.strip()
    numbered = body.status == "published" and body.slug is None
    created = CreatePost(
        stream=new_id(),
        workspace=workspace,
        title=title,
        content=body.content,
        status=body.status,
        slug=body.slug,
        slug_number=await free_number(handler, workspace, title) if numbered else 1,
        tags=await tagging.once(workspace, body.tags),
    )
    return [*tagging.commands, created]


async def changes(handler: Handler, post: UUID, patch: PostPatch) -> list[Command]:
    """The commands that a patch stands for. Raises `Invalid` for an empty one."""
    edited = dict(changes_in(patch, "title", "content", "slug"))
    if "title" in edited:
        edited["title"] = edited["title"].strip()
    commands: list[Command] = [EditPost(stream=post, **edited)] if edited else []
    if patch.status is not UNSET:
        commands.append(await status_change(handler, post, patch.status, edited.get("title")))
    tagging = Tagging(handler)
    if patch.tags is not UNSET:
        workspace = (await known(handler, post)).owner
        assert workspace is not None
        tags = await tagging.once(workspace, patch.tags)
        commands.append(RetagPost(stream=post, tags=tags))
    if not commands:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    return [*tagging.commands, *commands]


async def status_change(
    handler: Handler, post: UUID, status: PostStatus, title: str | None = None
) -> Command:
    """`title` is the one that it will have by then, if it changes."""
    match status:
        case "published":
            return await publication(handler, post, title)
        case "draft":
            return UnpublishPost(stream=post)
        case "archived":
            return ArchivePost(stream=post)


async def publication(handler: Handler, post: UUID, title: str | None = None) -> PublishPost:
    """With the number that its slug needs, should it get one now."""
    stream = await known(handler, post)
    if stream.state.slug is not None or stream.owner is None:
        return PublishPost(stream=post)
    number = await free_number(handler, stream.owner, title or stream.state.title)
    return PublishPost(stream=post, slug_number=number)


async def known(handler: Handler, post: UUID) -> Stream[Post]:
    """Raises `NotFound`."""
    stream = await handler.load(post, POSTS, fresh=False)
    if stream.owner is None:
        raise NotFound("there is no such post")
    return stream
