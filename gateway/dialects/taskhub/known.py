"""Full tasks as JSON, mostly made before: what is known of a task holds until it changes."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec

from events.cloud import Event
from events.comments import CommentAdded
from events.tasks import TaskCreated
from events.topics import TOPIC_OF
from gateway.dialects.taskhub.space import SPACE
from queries.tasks import TaskMark

SIZE = 5_000
_CREATED = TOPIC_OF[TaskCreated]
Look = tuple[UUID, bool]
Read = Callable[[Sequence[UUID]], Awaitable[Mapping[Look, Any]]]


class KnownTasks:
    """Told of every event by `on_event`; `seen` is up to which position. A task that is overdue
    looks different, although nothing happened.

    An event may come before the read models have it, and after. So what is read counts only if
    the reader knows them to have the last change there was, and none came while it was read.
    """

    def __init__(self, seen: Callable[[], int], size: int = SIZE) -> None:
        self._seen = seen
        self._size = size
        self._made: dict[Look, msgspec.Raw] = {}
        self._makings: list[_Changes] = []
        self._position = 0
        self._changed_at = 0

    async def of(
        self, marks: Sequence[TaskMark], head: int | None, read: Read
    ) -> list[msgspec.Raw]:
        """The marked tasks that are still there, for who knows that the read models have `head`;
        None for who does not."""
        known: dict[UUID, msgspec.Raw] = {}
        if head is not None and head <= self._seen():
            looks = [(mark.id, mark.overdue) for mark in marks]
            known = {look[0]: self._made[look] for look in looks if look in self._made}
        unknown = [mark.id for mark in marks if mark.id not in known]
        if unknown:
            sound = head is not None and self._changed_at <= head
            with self._making() as changes:
                made = await read(unknown)
            for look, task in made.items():
                known[look[0]] = raw = msgspec.Raw(msgspec.json.encode(task))
                if sound and look[0] not in changes.tasks and not changes.all:
                    self._keep(look, raw)
        return [known[mark.id] for mark in marks if mark.id in known]

    def on_event(self, event: Event) -> None:
        begun_anew = event.position <= self._position
        self._position = event.position
        if begun_anew:
            self._forget(None)
        if event.owner != SPACE and event.noun != "account":
            return
        self._changed_at = event.position
        if event.topic != _CREATED:
            self._forget(_task_of(event))

    def _keep(self, look: Look, made: msgspec.Raw) -> None:
        if len(self._made) >= self._size:
            self._made.clear()
        self._made[look] = made

    def _forget(self, task: UUID | None) -> None:
        for changes in self._makings:
            changes.add(task)
        if task is None:
            self._made.clear()
        else:
            self._made.pop((task, False), None)
            self._made.pop((task, True), None)

    @contextmanager
    def _making(self) -> Iterator["_Changes"]:
        changes = _Changes()
        self._makings.append(changes)
        try:
            yield changes
        finally:
            self._makings.remove(changes)


class _Changes:
    """What changed meanwhile."""

    def __init__(self) -> None:
        self.tasks: set[UUID] = set()
        self.all = False

    def add(self, task: UUID | None) -> None:
        if task is None:
            self.all = True
        else:
            self.tasks.add(task)


def _task_of(event: Event) -> UUID | None:
    """The only task that looks different now; None if it may be any. An edited comment does not
    say whose it is, and a person or a tag is on many."""
    if event.noun == "task":
        return event.stream
    fact = event.fact
    return fact.task if isinstance(fact, CommentAdded) else None
