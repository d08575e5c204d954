"""Rows touched lately, so that a busy stream is not read back for each of its events."""

from typing import Any

from projections.table import Key, Row, Table

_ROW = 600


class Cache:
    """One table's rows within a rough budget of bytes; a known absence is a None.

    Two generations: when the young one has used half of the budget the old one is dropped, so
    keeping order costs nothing per look-up. Only the holder of the checkpoint may keep one.
    """

    def __init__(self, table: Table[Any], budget: int) -> None:
        self._texts = [name for name, hint in table.row.__annotations__.items() if _is_text(hint)]
        self._budget = budget // 2
        self._used = 0
        self._young: dict[Key, Row | None] = {}
        self._old: dict[Key, Row | None] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._young or key in self._old

    def __getitem__(self, key: Key) -> Row | None:
        return self._young[key] if key in self._young else self._old[key]

    def put(self, key: Key, row: Row | None) -> None:
        self._young[key] = row
        self._used += _ROW + sum(len(getattr(row, name) or "") for name in self._texts if row)
        if self._used > self._budget:
            self._old, self._young, self._used = self._young, {}, 0


def _is_text(hint: Any) -> bool:
    return hint in (str, str | None)
