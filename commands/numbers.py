"""Which stream is meant by an integer id?

What was born here is numbered by the position of its creating event; what was imported keeps its
old number, as a claim. Both stand on the write side, so a command may follow its create at once.

Somebody's tasks may come from two systems that both had a 7. Each system knows its own by that
number, and the other's by one beyond all of its own.
"""

from typing import Protocol
from uuid import UUID

from commands.base import Claim
from commands.imports.items import stream_of
from events.envelope import Recorded
from events.ids import NUMBER_OFFSET, position_of
from events.refusals import Invalid

_KIND = "number"
_BEGINNINGS = ("created", "added", "registered")  # streams beside a thing begin otherwise
_LARGEST = 1 << 53  # what JSON numbers hold exactly, everywhere
_SYSTEMS = ("taskflow", "taskmanager")  # those that had integer ids; never in another order
_OTHERS = 10**14  # far more than there will be events


class Reader(Protocol):
    async def tolerant_after(
        self, position: int, *, limit: int = 500, up_to: int | None = None
    ) -> list[Recorded]: ...


class Claims(Protocol):
    async def claimed_by(self, kind: str, value: str, scope: UUID | None = None) -> UUID | None: ...


def old_number(system: str, noun: str, number: int) -> Claim:
    """What an importer claims for a stream. Raises `Invalid` for a number of those born here."""
    if not 0 < number < NUMBER_OFFSET:
        raise Invalid(f"must be from 1 to {NUMBER_OFFSET - 1}", field="id")
    return Claim(_KIND, _value(system, noun, number))


async def stream_numbered(
    reader: Reader, claims: Claims, noun: str, number: int, system: str
) -> UUID | None:
    """None where no stream of this noun has the number. Who may see it is not asked here."""
    if not 0 < number < _LARGEST:
        return None
    if number > _OTHERS:
        index, old = divmod(number - _OTHERS, _OTHERS)
        if index >= len(_SYSTEMS) or _SYSTEMS[index] == system:
            return None
        return await claims.claimed_by(_KIND, _value(_SYSTEMS[index], noun, old))
    position = position_of(number)
    if position is None:
        return await claims.claimed_by(_KIND, _value(system, noun, number))
    for event in await reader.tolerant_after(position - 1, limit=1, up_to=position):
        if event.version == 1 and event.topic in {f"{noun}.{word}" for word in _BEGINNINGS}:
            return event.stream
    return None


def number_in(system: str, noun: str, stream: UUID, number: int) -> int:
    """By which integer that system's clients know what has this number."""
    if position_of(number) is not None:
        return number
    for index, other in enumerate(_SYSTEMS):
        if other != system and stream == stream_of(other, noun, number):
            return _OTHERS * (1 + index) + number
    return number


def _value(system: str, noun: str, number: int) -> str:
    return f"{system}:{noun}:{number}"
