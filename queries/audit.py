"""What happened, in the order in which it happened, as far as the caller may see it?"""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol
from uuid import UUID

import msgspec

from events.cloud import CloudEvent, to_cloud_event
from events.envelope import Recorded
from events.refusals import Gone, Invalid
from events.topics import TOPICS
from queries.access import Accesses, owners_of

NOUNS = frozenset(topic.partition(".")[0] for topic in TOPICS)
SCANNED = 500
_SCANS = 10

Takes = Callable[[str, UUID], bool]


class Wanted(msgspec.Struct, frozen=True):
    """What is asked for of what the caller may see; an empty set asks for everything."""

    workspaces: frozenset[UUID] = frozenset()
    nouns: frozenset[str] = frozenset()
    resources: frozenset[tuple[str, UUID]] = frozenset()

    def takes(self, topic: str, stream: UUID) -> bool:
        noun = topic.partition(".")[0]
        return (not self.nouns or noun in self.nouns) and (
            not self.resources or (noun, stream) in self.resources
        )


EVERYTHING = Wanted()


class Place(msgspec.Struct, frozen=True):
    """After which position to go on, in which log if the client said so."""

    position: int
    log: UUID | None = None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """`position` is how far the log was read for this page, also where nothing was to be seen;
    `next` is the `after` of the page that follows."""

    items: list[CloudEvent]
    position: int
    next: str


class Log(Protocol):
    @property
    def log_id(self) -> UUID: ...
    async def of_owners(
        self, owners: Collection[UUID], position: int, *, up_to: int, limit: int, takes: Takes
    ) -> tuple[list[Recorded], int]: ...


class Watch(Protocol):
    async def arrival(self, owners: Collection[UUID], takes: Takes, after: int) -> None:
        """Returns when there is, or may be, an event like that after that position."""
        ...


class Audit:
    def __init__(self, log: Log, accesses: Accesses, watch: Watch) -> None:
        self._log = log
        self._accesses = accesses
        self._watch = watch

    async def page(
        self, account: UUID, wanted: Wanted, after: Place, limit: int, wait: float = 0
    ) -> EventPage:
        """The next events; if there are none, those that arrive within `wait` seconds. Raises
        `Invalid`, `NotFound`, `Gone` or `Unavailable`."""
        access = await self._accesses.of(account)
        check_place(after, self._log.log_id, access.position)
        owners = owners_of(access, wanted.workspaces)
        found, reached = await self._scan(owners, wanted, after.position, access.position, limit)
        if found or reached < access.position or not wait:
            return self._shown(found, reached)
        try:
            async with asyncio.timeout(wait):
                await self._watch.arrival(owners, wanted.takes, reached)
        except TimeoutError:
            return self._shown([], reached)
        return await self.page(account, wanted, Place(reached), limit)

    async def _scan(
        self, owners: Collection[UUID], wanted: Wanted, position: int, head: int, limit: int
    ) -> tuple[list[Recorded], int]:
        """Bounded: what is filtered away also takes time."""
        found: list[Recorded] = []
        for _ in range(_SCANS):
            if position >= head or len(found) >= limit:
                break
            events, position = await self._log.of_owners(
                owners, position, up_to=head, limit=SCANNED, takes=wanted.takes
            )
            found += events
        if len(found) > limit:
            found, position = found[:limit], found[limit - 1].position
        return found, position

    def _shown(self, found: list[Recorded], reached: int) -> EventPage:
        log = self._log.log_id
        items = [to_cloud_event(recorded, log) for recorded in found]
        return EventPage(items=items, position=reached, next=place_text(reached, log))


def place_text(position: int, log: UUID) -> str:
    return f"{position}@{log}"


def read_place(text: str, field: str = "after") -> Place:
    """`<position>`, or `<position>@<log id>` as we write it. Raises `Invalid`."""
    number, at, log = text.partition("@")
    if number.isascii() and number.isdigit() and len(number) < 19:
        try:
            return Place(int(number), UUID(log) if at else None)
        except ValueError:
            pass
    raise Invalid("must be a position, such as 42, or a cursor as we sent it", field=field)


def check_place(place: Place, log: UUID, head: int, field: str = "after") -> None:
    """Raises `Gone` for a place in another log, `Invalid` for one that this log never reached."""
    if place.log is not None and place.log != log:
        raise Gone("this position is of another log; begin again", field=field)
    if place.position > head:
        raise Invalid(f"is beyond the head of the log, {head}", code="ahead", field=field)


def wanted_of(
    workspaces: Collection[UUID], nouns: Collection[str], resources: Collection[str]
) -> Wanted:
    """Raises `Invalid` for a noun that nothing is called, and for what names no resource."""
    for noun in nouns:
        if noun not in NOUNS:
            raise Invalid(f"must be one of {', '.join(sorted(NOUNS))}", field="noun")
    if not (workspaces or nouns or resources):
        return EVERYTHING
    return Wanted(
        frozenset(workspaces), frozenset(nouns), frozenset(map(_read_resource, resources))
    )


def _read_resource(text: str) -> tuple[str, UUID]:
    noun, _, id = text.partition("/")
    if noun in NOUNS:
        try:
            return noun, UUID(id)
        except ValueError:
            pass
    raise Invalid("must be a noun and an id, such as task/<id>", field="resource")
