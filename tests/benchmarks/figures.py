"""How is a figure printed? Beside the ceiling measured in the same run and what it must reach."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec
import uvloop


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`target` says in words what must be reached, and `reached` whether it was."""

    name: str
    value: float
    unit: str
    target: str
    reached: bool
    ceiling: float | None = None
    ceiling_name: str = ""

    @property
    def line(self) -> str:
        beside = self.ceiling_name
        if self.ceiling:
            ratio = self.value / self.ceiling
            beside = f"{ratio:8.2f} x {_number(self.ceiling):>8} {self.ceiling_name}"
        mark = "reached" if self.reached else "MISSED"
        value = f"{_number(self.value):>8} {self.unit}"
        return f"{self.name:<30}{value:<22}{beside:<44}  {self.target:<18}{mark}".rstrip()


Measure = Callable[[], Coroutine[Any, Any, Sequence[Figure]]]


def show(measure: Measure) -> None:
    """Run one benchmark and print its figures."""
    for figure in uvloop.run(measure()):
        print(figure.line, flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
