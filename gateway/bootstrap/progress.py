"""A progress bar on a terminal, and silence elsewhere."""

from types import TracebackType
from typing import Self, TextIO


class Progress:
    def __init__(self, label: str, total: int, *, unit: str, to: TextIO) -> None:
        from rich.console import Console  # which the modules that know this one seldom need
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        console = Console(file=to)
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task(label, total=max(total, 0))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def at(self, done: int, total: int | None = None) -> None:
        self._bar.update(self._task, completed=done, total=total)
