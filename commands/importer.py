"""Everything of an older system moves in: read by page, written once, compared with the log."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from commands.imports.behind import Behind
from commands.imports.items import Item, tag_stream
from commands.imports.naming import Naming
from commands.imports.ports import Files, Log, Old
from commands.imports.registering import Registering
from commands.imports.report import Count, Report
from commands.imports.rows import Row, RowRefused, Source
from commands.imports.settling import Settling
from commands.imports.tables import Files as FilesStep
from commands.imports.tables import (
    Known,
    News,
    OldFile,
    OldSystem,
    OldTable,
    People,
    Step,
    Tags,
    Things,
)

AT_ONCE = 8  # files

T = TypeVar("T")
Progress = Callable[[str, int, int], None]


class Missing(Exception):
    """Names every table and column that is not there, a line each."""


class Importer:
    """`files` is None where nobody said where they lie. `progress` is told of a table, how many
    of its rows are done and how many it has."""

    def __init__(
        self,
        system: OldSystem,
        *,
        old: Old,
        log: Log,
        files: Files | None,
        known: Known,
        report: Report,
        merge: bool = False,
        progress: Progress = lambda table, done, total: None,
    ) -> None:
        self._system = system
        self._old = old
        self._log = log
        self._files = files
        self._known = known
        self._report = report
        self._progress = progress
        self._settling = Settling(log, known, report)
        self._registering = Registering(self._settling, merge=merge)
        self._naming = Naming(log, known, dry_run=report.dry_run)

    async def run(self) -> Report:
        """Raises `Missing` before anything is written."""
        if problems := [p for step in self._system.steps for p in self._old.problems(step.table)]:
            raise Missing("\n".join(dict.fromkeys(problems)))
        for step in self._system.steps:
            found = self._old.found(step.table)
            if isinstance(step, News) and not self._report.dry_run:
                await self._registering.forget_news(await self._log.head())
            if found is not None:
                await self._run(step, Source(found.table, found.columns))
        return self._report

    async def _run(self, step: Step, source: Source) -> None:
        total = await self._old.count(step.table)
        refers = "users" if isinstance(step, People) else step.table.names[0]
        count = self._report.begin(_shown(step.table, source), total, refers)
        async with Behind() as behind:
            async for page in self._old.pages(step.table):
                await self._page(step, [Row(source, values) for values in page], count, behind)
                count.read += len(page)
                self._progress(count.table, count.read, total)
        if isinstance(step, People) and self._system.shared and not self._report.dry_run:
            await self._join()
        if count.skipped:
            self._report.say(f"left out: {count.skipped} {source.table}: {step.left_out}")

    async def _join(self) -> None:
        if left := await self._log.join(self._registering.arrived):
            self._report.say(f"no room: {left} accounts are not in the shared workspace")

    async def _page(self, step: Step, rows: Sequence[Row], count: Count, behind: Behind) -> None:
        match step:
            case People():
                read = self._read(rows, count, lambda row: step.read(row, self._known))
                await self._registering.register(count, read)
            case Tags():
                await self._tags(step, rows, count)
            case Things():
                await self._things(step, rows, count, behind)
            case FilesStep():
                await self._bring(step, rows, count)
            case News():
                await self._news(step, rows, count)

    async def _tags(self, step: Tags, rows: Sequence[Row], count: Count) -> None:
        named = self._read(rows, count, lambda row: step.read(row, self._known))
        streams = [each.stream or tag_stream(each.workspace, each.name) for _, each in named]
        begun = await self._log.begun(streams)
        new = [
            each for (_, each), stream in zip(named, streams, strict=True) if stream not in begun
        ]
        made = await self._naming.make(new)
        count.added += len(made)
        count.known += len(named) - len(made)
        if not self._report.dry_run:
            await self._settling.compare(count, made)

    async def _things(
        self, step: Things, rows: Sequence[Row], count: Count, behind: Behind
    ) -> None:
        """Tags are made for rows that are new, and only looked for where a row is there."""
        read = self._read(
            rows, count, lambda row: (step.stream(row), [*step.names(row, self._known)])
        )
        begun = await self._log.begun([stream for _, (stream, _) in read])
        wanted = [each for _, (stream, named) in read if stream not in begun for each in named]
        await self._naming.make(wanted)
        there = [each for _, (stream, named) in read if stream in begun for each in named]
        supposed = await self._naming.suppose(there)
        items = self._read([row for row, _ in read], count, lambda row: step.read(row, self._known))
        for name in supposed:
            self._known.tags.pop(name, None)
        await behind.go_on(self._settling.settle(count, items, begun))

    async def _news(self, step: News, rows: Sequence[Row], count: Count) -> None:
        read = self._read(rows, count, lambda row: step.read(row, self._known))
        items = [(row, item) for row, item in read if item is not None]
        count.skipped += len(read) - len(items)
        begun = await self._log.begun([item.stream for _, item in items])
        await self._settling.settle(count, items, begun)

    async def _bring(self, step: FilesStep, rows: Sequence[Row], count: Count) -> None:
        read = self._read(rows, count, lambda row: step.read(row, self._known))
        begun = await self._log.begun([file.stream for _, file in read])
        new = [(row, file) for row, file in read if file.stream not in begun]
        count.known += len(read) - len(new)
        if self._files is None:
            count.skipped += len(new)
            return
        for start in range(0, len(new), AT_ONCE):
            some = new[start : start + AT_ONCE]
            stored = await asyncio.gather(*(self._store(self._files, file) for _, file in some))
            pairs: list[tuple[Row, Item]] = []
            for (row, file), found in zip(some, stored, strict=True):
                if isinstance(found, Item):
                    pairs.append((row, found))
                else:
                    self._settling.refuse_for(count, row, file.field, f"{file.path} {found}")
            await self._settling.settle(count, pairs, {})

    async def _store(self, files: Files, file: OldFile) -> Item | str:
        """What it becomes, or why it cannot be taken."""
        problem = await files.problem(file.path, file.size)
        if problem is not None:
            return problem
        sha256 = "" if self._report.dry_run else await files.store(file.path, file.stream)
        return file.becomes(sha256)

    def _read(
        self, rows: Sequence[Row], count: Count, read: Callable[[Row], T]
    ) -> list[tuple[Row, T]]:
        """What each row says; one that cannot be read is refused."""
        found: list[tuple[Row, T]] = []
        for row in rows:
            try:
                found.append((row, read(row)))
            except RowRefused as refusal:
                self._settling.refuse(count, row, refusal)
        return found


def _shown(table: OldTable, source: Source) -> str:
    return f"{source.table}.{source.columns['id']}" if table.grouped else source.table
