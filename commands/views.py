"""How often was a post seen? Counted in a stream beside it, whose newest fact knows the count."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from commands.base import Command, Context, Decider
from events.base import Fact, Role
from events.posts import ViewCounted, views_of
from events.refusals import NotFound


class CountView(Command, frozen=True, kw_only=True):
    """`views` are more than one only when they are imported."""

    workspace: UUID
    post: UUID
    views: int = 1


class Views(msgspec.Struct, frozen=True):
    count: int = 0


def view_of(post: UUID, workspace: UUID, views: int = 1) -> CountView:
    return CountView(stream=views_of(post), workspace=workspace, post=post, views=views)


def evolve(views: Views, event: ViewCounted, at: datetime) -> Views:
    return Views(event.count)


def decide(command: CountView, views: Views, context: Context) -> Sequence[Fact]:
    post = context.related[command.post]
    if post.owner != command.workspace or not post.state.is_there:
        raise NotFound("there is no such post")
    count = views.count + command.views
    return [ViewCounted(post=command.post, count=count, views=command.views)]


def reads(command: Any) -> Mapping[UUID, str]:
    return {command.post: "post"}


_ROLES: dict[type[Command], Role] = {CountView: "viewer"}

VIEWS = Decider(
    noun="view",
    initial=Views(),
    evolve=evolve,
    decide=decide,
    owner=lambda command: command.workspace,
    roles=_ROLES,
    reads=reads,
    newest=True,
)
