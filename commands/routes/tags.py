"""The tag commands over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from commands.base import Stream
from commands.handler import Handler, Outcome
from commands.routes.answers import answer_with, empty_answer
from commands.tags import CreateTag, DeleteTag, EditTag, Tag
from events.append import CommandRequest
from events.ids import new_id, personal_workspace_of
from events.refusals import Invalid
from events.tags import COLOUR
from gateway.http import Body
from gateway.resources.tags import Colour, TagResource
from gateway.resources.text import TagText


class TagBody(Body, frozen=True):
    name: TagText
    colour: Colour = COLOUR
    workspace: UUID | None = None


class TagPatch(Body, frozen=True):
    name: TagText | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET


@post("/tags", operation_id="createTag", status_code=201)
async def create_tag(
    data: JSONBody[TagBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[TagResource]:
    """Make a tag, in your personal workspace unless you name another."""
    command = CreateTag(
        stream=new_id(),
        workspace=data.workspace or personal_workspace_of(command_request.account),
        name=data.name.strip(),
        colour=data.colour,
    )
    return tag_answer(await handler.handle([command], command_request), status=201)


@patch("/tags/{tag:uuid}", operation_id="editTag")
async def edit_tag(
    tag: FromPath[UUID],
    data: JSONBody[TagPatch],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[TagResource]:
    """Rename or recolour it, on every task at once."""
    if data.name is UNSET and data.colour is UNSET:
        raise Invalid("the patch changes nothing: send at least one member", code="empty-patch")
    name = data.name.strip() if data.name is not UNSET else UNSET
    command = EditTag(stream=tag, name=name, colour=data.colour)
    return tag_answer(await handler.handle([command], command_request))


@delete("/tags/{tag:uuid}", operation_id="deleteTag", status_code=204)
async def delete_tag(
    tag: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> Response[None]:
    """Delete it; it disappears from every task."""
    outcome = await handler.handle([DeleteTag(stream=tag)], command_request)
    return empty_answer(outcome)


def tag_answer(outcome: Outcome, *, status: int = 200) -> Response[TagResource]:
    resource = tag_resource(outcome.stream)
    return answer_with(resource, outcome, place="/v1/tags", status=status)


def tag_resource(stream: Stream[Tag]) -> TagResource:
    assert stream.owner is not None
    assert stream.created_at is not None
    assert stream.updated_at is not None
    return TagResource(
        id=stream.id,
        workspace=stream.owner,
        name=stream.state.name,
        colour=stream.state.colour,
        created_at=stream.created_at,
        updated_at=stream.updated_at,
        version=stream.version,
    )


TAG_ROUTES: list[Any] = [create_tag, edit_tag, delete_tag]
TAG_COMMANDS = Router(path="/", route_handlers=TAG_ROUTES, tags=["tags"])
