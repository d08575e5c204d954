"""What is known of a task in memory is never older than what the asker was told."""

from collections.abc import Sequence
from uuid import UUID

from events.accounts import AccountRegistered, EmailChanged
from events.base import Fact
from events.comments import CommentAdded, CommentEdited
from events.envelope import Erased
from events.ids import new_id
from events.tags import TagRenamed
from events.tasks import TaskCompleted, TaskCreated
from gateway.dialects.taskhub.known import KnownTasks
from gateway.dialects.taskhub.space import SPACE
from queries.tasks import TaskMark
from tests.support.projections import story

ONE, OTHER = new_id(), new_id()


class Desk:
    """Asks for tasks, and counts how many must be read. `meanwhile` happens during a reading."""

    def __init__(self) -> None:
        self.position = 0
        self.meanwhile: list[tuple[Fact, UUID]] = []
        self.known = KnownTasks(lambda: self.position, size=100)

    def happens(self, fact: Fact | Erased, stream: UUID, owner: UUID = SPACE) -> None:
        [event] = story(fact, stream=stream, owner=owner, first=self.position + 1)
        self.known.on_event(event)
        self.position += 1

    async def read_for(self, *tasks: UUID, behind: int = 0, overdue: bool = False) -> int:
        """Who asks knows that the read models lack `behind` events of those told here."""
        read: list[UUID] = []

        async def reading(wanted: Sequence[UUID]) -> dict[tuple[UUID, bool], str]:
            read.extend(wanted)
            while self.meanwhile:
                self.happens(*self.meanwhile.pop())
            return {(task, overdue): str(task) for task in wanted}

        marks = [TaskMark(task, 1, overdue, (), "") for task in tasks]
        found = await self.known.of(marks, self.position - behind, reading)
        assert [bytes(task) for task in found] == [f'"{task}"'.encode() for task in tasks]
        return len(read)


async def desk() -> Desk:
    """One that knows two tasks."""
    made = Desk()
    for task in (ONE, OTHER):
        made.happens(TaskCreated(title="Plan"), task)
    assert await made.read_for(ONE, OTHER) == 2
    assert await made.read_for(OTHER, ONE) == 0
    return made


async def test_a_task_is_read_again_when_it_changed() -> None:
    asking = await desk()
    asking.happens(TaskCompleted(), ONE)
    assert await asking.read_for(ONE, OTHER) == 1
    asking.happens(CommentAdded(task=OTHER, content="Done?"), new_id())
    assert await asking.read_for(ONE, OTHER) == 1
    assert await asking.read_for(ONE, OTHER) == 0


async def test_what_may_show_on_any_task_makes_all_be_read_again() -> None:
    asking, person = await desk(), new_id()
    for fact, stream, owner in (
        (TagRenamed(name="home"), new_id(), SPACE),
        (CommentEdited(content="Yes"), new_id(), SPACE),
        (Erased("comment.added"), new_id(), SPACE),
        (EmailChanged(email="ada@example.org"), person, person),
    ):
        asking.happens(fact, stream, owner)
        assert await asking.read_for(ONE, OTHER) == 2
        assert await asking.read_for(ONE, OTHER) == 0


async def test_what_happens_elsewhere_changes_nothing() -> None:
    asking = await desk()
    asking.happens(TaskCompleted(), ONE, owner=new_id())
    asking.happens(TaskCreated(title="New"), new_id())
    assert await asking.read_for(ONE, OTHER) == 0


async def test_an_overdue_task_is_another() -> None:
    asking = await desk()
    assert await asking.read_for(ONE, overdue=True) == 1
    assert await asking.read_for(ONE, overdue=True) == 0
    asking.happens(TaskCompleted(), ONE)
    assert await asking.read_for(ONE, overdue=True) == 1


async def test_who_knows_more_than_was_told_here_reads() -> None:
    asking = await desk()
    assert await asking.read_for(ONE, behind=-1) == 1


async def test_what_was_read_before_the_read_models_had_the_last_change_is_not_kept() -> None:
    asking = await desk()
    asking.happens(TaskCompleted(), ONE)
    assert await asking.read_for(ONE, behind=1) == 1
    assert await asking.read_for(ONE) == 1
    assert await asking.read_for(ONE) == 0


async def test_what_changed_while_it_was_read_is_not_kept() -> None:
    asking = await desk()
    asking.happens(TaskCompleted(), ONE)
    asking.meanwhile = [(TaskCompleted(), ONE)]
    assert await asking.read_for(ONE, OTHER) == 1
    assert await asking.read_for(ONE, OTHER) == 1
    person = new_id()
    asking.happens(EmailChanged(email="ada@example.org"), person, person)
    asking.meanwhile = [(TagRenamed(name="home"), new_id())]
    assert await asking.read_for(ONE, OTHER) == 2
    assert await asking.read_for(ONE, OTHER) == 2


async def test_a_log_that_begins_anew_is_another() -> None:
    asking = await desk()
    asking.position = 0
    registered = AccountRegistered(email="ada@example.org", username=None, full_name="Ada")
    asking.happens(registered, new_id(), owner=new_id())
    assert await asking.read_for(ONE, OTHER) == 2
