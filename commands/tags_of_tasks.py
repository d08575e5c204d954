"""Which tags are on a task after a command, and what happens for that?"""

from collections.abc import Collection, Sequence
from itertools import takewhile
from uuid import UUID

from commands.state_of_tasks import Task
from events.base import Fact
from events.refusals import Invalid
from events.tasks import TaskTagged, TaskUntagged

MAX_TAGS = 50


def tag(tag: UUID, task: Task) -> Sequence[Fact]:
    return retag((*task.tags, tag), task)


def untag(tag: UUID, task: Task, *, once: bool) -> Sequence[Fact]:
    if tag not in task.tags:
        return []
    if not once:
        return [TaskUntagged(tag=tag)]
    first = task.tags.index(tag)
    return arrange(task.tags[:first] + task.tags[first + 1 :], task)


def retag(tags: Sequence[UUID], task: Task) -> Sequence[Fact]:
    wanted = dict.fromkeys(tags)
    _check_room(wanted)
    gone = dict.fromkeys(tag for tag in task.tags if tag not in wanted)
    added = [tag for tag in wanted if tag not in task.tags]
    return _changed(gone, added)


def arrange(wanted: Sequence[UUID], task: Task) -> Sequence[Fact]:
    """An untagging takes a tag from all its places and a tagging adds one at the end: so what
    stands as it should stays, and the rest is taken off and put on again."""
    _check_room(wanted)
    staying = [tag for tag in task.tags if tag in wanted]
    pairs = zip(staying, wanted, strict=False)
    kept = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    while set(staying[:kept]) & set(staying[kept:]):
        kept -= 1
    gone = dict.fromkeys(tag for tag in task.tags if tag not in staying[:kept])
    return _changed(gone, wanted[kept:])


def _changed(gone: Collection[UUID], added: Sequence[UUID]) -> Sequence[Fact]:
    return [*(TaskUntagged(tag=tag) for tag in gone), *(TaskTagged(tag=tag) for tag in added)]


def _check_room(tags: Collection[UUID]) -> None:
    if len(tags) > MAX_TAGS:
        raise Invalid(f"a task has at most {MAX_TAGS} tags", code="too-many-tags", field="tags")
