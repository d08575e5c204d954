"""Which tags are on a task after a command, and what happens for that?"""

from collections.abc import Sequence
from uuid import UUID

from commands.state_of_tasks import Task
from commands.tagging import arranged
from events.base import Fact
from events.tasks import TaskTagged, TaskUntagged


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
    """What stays keeps its place; what is new comes behind it."""
    wanted = dict.fromkeys(tags)
    staying = [tag for tag in task.tags if tag in wanted]
    return arrange([*staying, *(tag for tag in wanted if tag not in task.tags)], task)


def arrange(wanted: Sequence[UUID], task: Task) -> Sequence[Fact]:
    return arranged(wanted, task.tags, tag=TaskTagged, untag=TaskUntagged)
