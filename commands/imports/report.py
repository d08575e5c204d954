"""What became of an older system's rows, table by table?"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from commands.imports.rows import RowRefused

Say = Callable[[str], None]


@dataclass
class Count:
    """Every row that was read is counted once more as one of the others. `theirs` is the checksum
    of what was read, `ours` of what the log has of it."""

    table: str
    total: int = 0
    refers: str = ""
    """What rows that refer to it call it."""
    read: int = 0
    added: int = 0
    known: int = 0
    merged: int = 0
    refused: int = 0
    skipped: int = 0
    differing: int = 0
    theirs: int = 0
    ours: int = 0

    @property
    def adds_up(self) -> bool:
        accounted = self.added + self.known + self.merged + self.refused + self.skipped
        return self.read == self.total == accounted and self.theirs == self.ours


@dataclass
class Report:
    """`say` is told of each row that is refused, that differs or that is left out, as it is met."""

    say: Say
    dry_run: bool = False
    counts: list[Count] = field(default_factory=list)

    def begin(self, table: str, total: int, refers: str) -> Count:
        self.counts.append(Count(table, total, refers))
        return self.counts[-1]

    def refuse(self, count: Count, refusal: RowRefused) -> None:
        count.refused += 1
        self.say(f"refused: {refusal}")

    def differs(self, count: Count, key: str) -> None:
        count.differing += 1
        self.say(f"differs: {count.table} {key} is not what it was when it moved in")

    @property
    def refused(self) -> int:
        return sum(count.refused for count in self.counts)

    @property
    def left_out(self) -> int:
        return sum(count.skipped for count in self.counts)

    @property
    def complete(self) -> bool:
        return all(count.adds_up for count in self.counts) and self.refused == 0

    def records(self) -> Sequence[dict[str, object]]:
        """The counts for scripts; checksums are hexadecimal, for not every program holds them."""
        return [
            {**asdict(count), "theirs": _hex(count.theirs), "ours": _hex(count.ours)}
            for count in self.counts
        ]

    def lines(self) -> Sequence[str]:
        names = ("read", "added", "there", "merged", "refused", "left out", "checksum")
        added = "would add" if self.dry_run else "added"
        head = ["table", *(added if name == "added" else name for name in names)]
        rows = [
            [
                count.table,
                *map(str, (count.read, count.added, count.known, count.merged)),
                *map(str, (count.refused, count.skipped)),
                _compared(count, self.dry_run),
            ]
            for count in self.counts
        ]
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        return [
            "  ".join(
                cell.ljust(width) if i in (0, len(head) - 1) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in [head, *rows]
        ]


def _compared(count: Count, dry_run: bool) -> str:
    if dry_run:
        return "-"
    if count.read != count.total:
        return f"{count.total} rows were there, {count.read} were read"
    if count.theirs != count.ours:
        return f"{_hex(count.theirs)} is {_hex(count.ours)} here, {count.differing} rows differ"
    return f"{_hex(count.theirs)} both"


def _hex(checksum: int) -> str:
    return f"{checksum % (1 << 64):016x}"
