"""Lists of tasks as JSON that was mostly made before: a task at a version never changes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from queries.database import Database
from queries.numbered_tasks import Numbered, NumberedPage, numbered_marks, numbered_page
from queries.paging import Page
from queries.tasks import Asked, TaskMark, TaskRow, list_marks, list_tasks, tasks_at

Look = tuple[Any, ...]
SIZE = 20_000
LENGTH = 64 << 20


class Form(NamedTuple):
    """What a task is answered as. Two of one name are the same."""

    name: str
    render: Callable[[TaskRow], object]


class RenderedTasks:
    """`form` is that of cursor lists. The JSON of `size` tasks is kept at most, and about
    `length` bytes of it, in two generations: when the young one has half, the old one is
    dropped."""

    def __init__(self, form: Form, size: int = SIZE, length: int = LENGTH) -> None:
        self._form = form
        self._half = size // 2
        self._half_length = length // 2
        self._length = 0
        self._young: dict[Look, msgspec.Raw] = {}
        self._old: dict[Look, msgspec.Raw] = {}

    async def page(self, database: Database, asked: Asked) -> Page[msgspec.Raw]:
        """What `list_tasks` finds. Only tasks not seen at this version are read in full."""
        marks = await list_marks(database, asked)
        made = await self._of(database, marks.items, self._form)
        if made is None:
            whole = await list_tasks(database, asked)
            return Page([self._made(row, self._form) for row in whole.items], whole.next_cursor)
        return Page(made, marks.next_cursor)

    async def numbered(
        self, database: Database, asked: Numbered, form: Form
    ) -> NumberedPage[msgspec.Raw]:
        """What `numbered_page` finds, likewise."""
        marks = await numbered_marks(database, asked)
        made = await self._of(database, marks.rows, form)
        if made is None:
            whole = await numbered_page(database, asked)
            return NumberedPage([self._made(row, form) for row in whole.rows], whole.total)
        return NumberedPage(made, marks.total)

    async def _of(
        self, database: Database, marks: Sequence[TaskMark], form: Form
    ) -> list[msgspec.Raw] | None:
        """None if one moved on since it was marked: then everything must be of one moment."""
        known = [self._known(_look(mark, form)) for mark in marks]
        unknown = [mark for mark, found in zip(marks, known, strict=True) if found is None]
        rows = await tasks_at(database, unknown) if unknown else []
        if rows is None:
            return None
        made = iter([self._made(row, form) for row in rows])
        return [found or next(made) for found in known]

    def _known(self, look: Look) -> msgspec.Raw | None:
        found = self._young.get(look)
        if found is None and (found := self._old.get(look)) is not None:
            self._keep(look, found)
        return found

    def _made(self, row: TaskRow, form: Form) -> msgspec.Raw:
        made = msgspec.Raw(msgspec.json.encode(form.render(row)))
        self._keep(_look(row, form), made)
        return made

    def _keep(self, look: Look, made: msgspec.Raw) -> None:
        if len(self._young) >= self._half or self._length >= self._half_length:
            self._old, self._young, self._length = self._young, {}, 0
        self._young[look] = made
        self._length += len(memoryview(made))


def _look(task: TaskRow | TaskMark, form: Form) -> Look:
    """What its events do not tell is whether it is overdue by now, and how its tags look."""
    tags: Sequence[str] = task.tags or ()
    return (form.name, task.id, task.version, task.overdue, *tags)
