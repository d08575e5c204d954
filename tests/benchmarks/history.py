"""A log as some teams would leave it behind."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import islice, zip_longest
from uuid import UUID

from events.accounts import AccountRegistered, SessionOpened
from events.append import Append, SecretChange
from events.base import Fact
from events.codec import FactMapper, SealedEvent
from events.comments import CommentAdded
from events.envelope import Metadata, Recorded
from events.ids import new_id
from events.tags import TagCreated
from events.tasks import (
    TaskAssigned,
    TaskCompleted,
    TaskCreated,
    TaskEdited,
    TaskStarted,
    TaskTagged,
)
from events.topics import TOPIC_OF
from events.workspaces import WorkspaceCreated
from tests.support.log import Log

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOGETHER = 50  # streams that grow at the same time
CHUNK = 250

Story = tuple[UUID, UUID, Sequence[Fact]]  # a stream, its owner and what happened to it


async def fill(log: Log, *, teams: int, tasks: int) -> None:
    """So many teams with so many tasks each; about four events a task."""
    stories = [story for _ in range(teams) for story in team(new_id(), new_id(), tasks)]
    for owner in {owner for _, owner, _ in stories}:
        key, change = log.keys.create(owner)
        log.keys.remember(owner, key)
        await log.appender.append(append_of([], [change]))
    mapper = FactMapper(log.keys.key_of)
    left = (mapper.to_stored_event(recorded) for recorded in side_by_side(stories))
    while events := list(islice(left, CHUNK)):
        await log.appender.append(append_of(events))


def team(person: UUID, workspace: UUID, tasks: int) -> Iterator[Story]:
    registered = AccountRegistered(email="ada@example.org", username=None, full_name="Ada Lovelace")
    yield person, person, [registered]
    yield workspace, workspace, [WorkspaceCreated(name="Team", time_zone="UTC", owner=person)]
    yield new_id(), person, [SessionOpened(account=person)]
    tag = new_id()
    yield tag, workspace, [TagCreated(workspace=workspace, name="office", colour="#884400")]
    for number in range(tasks):
        task = new_id()
        yield task, workspace, list(_work(number, person, tag))
        if number % 5 == 0:
            comment = CommentAdded(task=task, content="The blue ones, please.")
            yield new_id(), workspace, [comment]


def _work(number: int, person: UUID, tag: UUID) -> Iterator[Fact]:
    yield TaskCreated(
        title=f"Order {number} boxes of paper",
        description="A4, for the printers on the second floor. " * 3,
        priority="high",
        due_on=date(2031, 5, 17),
    )
    if number % 2:
        yield TaskTagged(tag=tag)
    yield TaskAssigned(assignee=person)
    yield TaskStarted()
    if number % 3:
        yield TaskEdited(title=f"Order {number} large boxes of paper")
    if number % 2:
        yield TaskCompleted()


def side_by_side(stories: Sequence[Story]) -> Iterator[Recorded]:
    for begin in range(0, len(stories), TOGETHER):
        group = [_recorded(*story) for story in stories[begin : begin + TOGETHER]]
        for step in zip_longest(*group):
            yield from (recorded for recorded in step if recorded is not None)


def _recorded(stream: UUID, owner: UUID, facts: Sequence[Fact]) -> Iterator[Recorded]:
    for version, fact in enumerate(facts, 1):
        yield Recorded(
            stream=stream,
            version=version,
            topic=TOPIC_OF[type(fact)],
            fact=fact,
            owner=owner,
            occurred_at=NOW,
            metadata=Metadata(command=new_id(), correlation=new_id(), actor=owner),
        )


def append_of(events: Sequence[SealedEvent], secrets: Sequence[SecretChange] = ()) -> Append:
    return Append(
        command_id=new_id(),
        account=None,
        fingerprint=b"",
        stream=new_id(),
        version=1,
        events=events,
        secrets=secrets,
    )
