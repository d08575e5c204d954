"""Which tags do rows mean by their names, and which of them must be made first?"""

from collections.abc import Iterable
from uuid import UUID, uuid5

from commands.base import Claim
from commands.imports.items import Happened, Held, Item, tag_stream
from commands.imports.ports import Log
from commands.imports.tables import Known, Named
from commands.tags import CLAIM, same_name
from events.tags import TagCreated


class Naming:
    """`known.tags` gets an entry for every name asked for."""

    def __init__(self, log: Log, known: Known, *, dry_run: bool) -> None:
        self._log = log
        self._known = known
        self._dry_run = dry_run

    async def make(self, named: Iterable[Named]) -> list[Item]:
        """Those that were not there, made."""
        missing = await self._look_up(named)
        if not missing:
            return []
        begun = await self._log.begun([_stream(each) for each in missing.values()])
        items = []
        for claim, each in missing.items():
            stream = _stream(each)
            if stream in begun:  # it was renamed or deleted since, so this is another one
                stream = uuid5(stream, self._known.now.isoformat())
            self._known.tags[each.workspace, each.name] = stream
            items.append(tag_item(each, stream, claim))
        if not self._dry_run:
            await self._log.write(items)
            await self._settle_races(items, missing)
        self._spellings(named)
        return items

    async def suppose(self, named: Iterable[Named]) -> list[tuple[UUID, str]]:
        """As `make`, for rows that are there: what has no tag any more stands in for it; the names
        are to be forgotten afterwards."""
        missing = await self._look_up(named)
        names = [(each.workspace, each.name) for each in missing.values()]
        self._known.tags |= {name: tag_stream(*name) for name in names}
        return [*names, *self._spellings(named)]

    async def _look_up(self, named: Iterable[Named]) -> dict[Claim, Named]:
        wanted: dict[Claim, Named] = {}
        for each in named:
            if (each.workspace, each.name) not in self._known.tags:
                claim = Claim(CLAIM, same_name(each.name), each.workspace)
                wanted.setdefault(claim, each)
        held = await self._log.holders(wanted) if wanted else {}
        for claim, stream in held.items():
            each = wanted.pop(claim)
            self._known.tags[each.workspace, each.name] = stream
        return wanted

    async def _settle_races(self, items: list[Item], missing: dict[Claim, Named]) -> None:
        """Somebody may have made one of them at this moment."""
        held = await self._log.holders(missing)
        for claim, each in missing.items():
            self._known.tags[each.workspace, each.name] = held[claim]
        items[:] = [item for item in items if item.stream in held.values()]

    def _spellings(self, named: Iterable[Named]) -> list[tuple[UUID, str]]:
        """Two encodings of the same characters are one name."""
        tags, found = self._known.tags, []
        by_name = {}
        for each in named:
            if (each.workspace, each.name) in tags:
                by_name[each.workspace, same_name(each.name)] = tags[each.workspace, each.name]
        for each in named:
            if (each.workspace, each.name) not in tags:
                tags[each.workspace, each.name] = by_name[each.workspace, same_name(each.name)]
                found.append((each.workspace, each.name))
        return found


def tag_item(named: Named, stream: UUID, claim: Claim) -> Item:
    created = TagCreated(workspace=named.workspace, name=named.name, colour=named.colour)
    happened = Happened(
        stream=stream, owner=named.workspace, fact=created, at=named.at, actor=named.actor
    )
    return Item(
        table="tags",
        key=f"{named.workspace}/{stream}",
        stream=stream,
        happened=[happened],
        claims=[Held(claim, stream)],
        account=named.actor,
    )


def _stream(named: Named) -> UUID:
    return named.stream or tag_stream(named.workspace, same_name(named.name))
