"""What was read is written unless it is there already, and compared with what the log then has."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from commands.imports.items import Happened, Item, checksum
from commands.imports.ports import Kept, Log
from commands.imports.report import Count, Report
from commands.imports.rows import Row, RowRefused
from commands.imports.tables import Known
from events.codec import bounded_state
from events.refusals import TooLarge
from events.topics import TOPIC_OF

MOST = 500  # events of one row, which go into the log at once
Pair = tuple[Row, Item]


class Settling:
    def __init__(self, log: Log, known: Known, report: Report) -> None:
        self.log = log
        self.known = known
        self.report = report

    def refuse(self, count: Count, row: Row, refusal: RowRefused) -> None:
        self.report.refuse(count, refusal)
        self.known.refused.setdefault(count.refers, set()).add(row.key)

    async def settle(self, count: Count, pairs: Sequence[Pair], begun: Mapping[UUID, str]) -> None:
        """`begun` are those of their streams that there are already."""
        new: list[Pair] = []
        there: list[Item] = []
        for row, item in pairs:
            noun = begun.get(item.stream)
            if noun is None and len(item.happened) > MOST:
                self.refuse_for(
                    count, row, "id", f"is of {len(item.happened)} events, above {MOST}"
                )
            elif noun is None:
                new.append((row, item))
            elif noun == noun_of(item):
                count.known += 1
                there.append(item)
            else:
                self.refuse_for(count, row, "id", f"something else here, a {noun}, has this id")
        there += await self._write(count, new)
        if not self.report.dry_run:
            await self.compare(count, there)

    async def compare(self, count: Count, items: Sequence[Item]) -> None:
        """Only what came with the rows: what happened to them since is nobody's fault."""
        wanted = [_versioned(item) for item in items]
        streams = {each.stream for facts in wanted for each, _ in facts}
        most = max((version for facts in wanted for _, version in facts), default=0)
        kept = await self.log.kept(streams, most) if streams else {}
        for item, facts in zip(items, wanted, strict=True):
            theirs = [checksum(each.stream, v, each.at, each.fact) for each, v in facts]
            ours = [
                mine if _is_kept(each, v, kept) else _kept_checksum(kept, each.stream, v)
                for mine, (each, v) in zip(theirs, facts, strict=True)
            ]
            count.theirs += sum(theirs)
            count.ours += sum(ours)
            if theirs != ours:
                self.report.differs(count, item.key)

    async def _write(self, count: Count, pairs: Sequence[Pair]) -> list[Item]:
        if self.report.dry_run:
            for row, item in pairs:
                self._suppose(count, row, item)
            return []
        there: list[Item] = []
        written = await self.log.write([item for _, item in pairs])
        for (row, item), each in zip(pairs, written, strict=True):
            if each.outcome == "refused":
                self.refuse_for(count, row, each.field, each.reason)
                continue
            if each.outcome == "added":
                count.added += 1
            else:
                count.known += 1
            there.append(item)
        return there

    def _suppose(self, count: Count, row: Row, item: Item) -> None:
        try:
            for each in item.happened:
                bounded_state(each.fact)
        except TooLarge as error:
            self.refuse_for(count, row, error.field or "", str(error))
        else:
            count.added += 1

    def refuse_for(self, count: Count, row: Row, field: str, reason: str) -> None:
        try:
            row.refuse(field, reason)
        except RowRefused as refusal:
            self.refuse(count, row, refusal)


def noun_of(item: Item) -> str:
    return TOPIC_OF[type(item.happened[0].fact)].partition(".")[0]


def _versioned(item: Item) -> list[tuple[Happened, int]]:
    """Each fact that is compared, with its version in its stream."""
    versions = dict(item.after)
    found = []
    for each in item.happened:
        versions[each.stream] = versions.get(each.stream, 0) + 1
        if each.compared:
            found.append((each, versions[each.stream]))
    return found


def _is_kept(each: Happened, version: int, kept: Mapping[UUID, Sequence[Kept]]) -> bool:
    events = kept.get(each.stream, ())
    if version > len(events):
        return False
    event = events[version - 1]
    return event.at == each.at and event.fact == each.fact


def _kept_checksum(kept: Mapping[UUID, Sequence[Kept]], stream: UUID, version: int) -> int:
    events = kept.get(stream, ())
    if version > len(events):
        return 0
    event = events[version - 1]
    return 0 if event.fact is None else checksum(stream, version, event.at, event.fact)
