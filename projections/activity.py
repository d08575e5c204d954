"""What happened in a workspace: one line an event, which names what changed and quotes nothing."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

import msgspec

from events.base import Fact
from events.envelope import ACCOUNT_NOUNS, Recorded
from events.topics import TOPICS
from projections.table import Key, Projection, Row, Table

# Whose events are nobody's doings: that somebody saw a post is counted, not told.
_QUIET = ACCOUNT_NOUNS | {"view"}
# Whom or what an event is about, beside its stream.
_SUBJECTS = ("assignee", "account", "tag", "task")


class ActivityView(Row, frozen=True):
    """`changed` names the fields that the event set, `about` the account, tag or task it
    speaks of."""

    position: int
    workspace: UUID
    stream: UUID
    version: int
    noun: str
    topic: str
    actor: UUID | None
    occurred_at: datetime
    changed: tuple[str, ...]
    about: UUID | None


def line_of(recorded: Recorded) -> Sequence[Key]:
    return ((recorded.position,),)


def evolve_activity(line: ActivityView | None, recorded: Recorded) -> ActivityView:
    fact = recorded.fact
    assert isinstance(fact, Fact)
    return ActivityView(
        position=recorded.position,
        workspace=recorded.owner,
        stream=recorded.stream,
        version=recorded.version,
        noun=recorded.noun,
        topic=recorded.topic,
        actor=recorded.actor,
        occurred_at=recorded.occurred_at,
        changed=_changed(fact),
        about=next((getattr(fact, name) for name in _SUBJECTS if hasattr(fact, name)), None),
    )


def _changed(fact: Fact) -> tuple[str, ...]:
    """The fields that differ from their default: an event writes down no others."""
    return tuple(name for name, default in _defaults(type(fact)) if getattr(fact, name) != default)


@cache
def _defaults(kind: type[Fact]) -> list[tuple[str, object]]:
    return [(field.name, field.default) for field in msgspec.structs.fields(kind)]


ACTIVITY = Projection(
    name="activity",
    version=3,
    tables=(
        Table(
            name="activity",
            row=ActivityView,
            key=("position",),
            topics=frozenset(topic for topic in TOPICS if topic.partition(".")[0] not in _QUIET),
            keys=line_of,
            evolve=evolve_activity,
            is_first=lambda recorded: True,
            indexes=("(workspace, position)", "(stream, position)"),
        ),
    ),
)
