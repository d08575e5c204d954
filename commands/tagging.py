"""Which tags are meant by their names in one workspace, and what it takes to have these?"""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Protocol
from uuid import UUID

from commands.base import Command
from commands.tags import CLAIM, CreateTag, same_name
from events.base import Fact
from events.ids import new_id
from events.refusals import Invalid

MAX_TAGS = 50


class Claims(Protocol):
    async def claimed_by(self, kind: str, value: str, scope: UUID | None = None) -> UUID | None: ...


class Tagging:
    """Names to ids; `commands` makes the tags that the workspaces do not have yet."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._found: dict[tuple[UUID, str], UUID] = {}
        self.commands: list[Command] = []

    async def ids(self, workspace: UUID, names: Iterable[str]) -> Sequence[UUID]:
        return [await self._id(workspace, name.strip()) for name in names]

    async def as_typed(self, workspace: UUID, names: Iterable[str]) -> Sequence[UUID]:
        """With the white space around them."""
        return [await self._id(workspace, name) for name in names]

    async def once(self, workspace: UUID, names: Iterable[str]) -> tuple[UUID, ...]:
        """Each of them once, however often it is named."""
        return tuple(dict.fromkeys(await self.ids(workspace, names)))

    async def _id(self, workspace: UUID, name: str) -> UUID:
        known = (workspace, same_name(name))
        if known not in self._found:
            held = await self._claims.claimed_by(CLAIM, known[1], workspace)
            if held is None:
                held = new_id()
                self.commands.append(CreateTag(stream=held, workspace=workspace, name=name))
            self._found[known] = held
        return self._found[known]


def arranged(
    wanted: Sequence[UUID],
    own: Sequence[UUID],
    *,
    tag: Callable[..., Fact],
    untag: Callable[..., Fact],
) -> Sequence[Fact]:
    """Exactly the wanted tags in exactly this order, on what has its own. An untagging takes a tag
    from all its places and a tagging adds one at the end: so what stands as it should stays, and
    the rest is taken off and put on again."""
    if [*wanted] == [*own]:
        return []
    if len(wanted) > max(MAX_TAGS, len(own)):  # what was imported may have more, but not get more
        raise Invalid(f"it may have at most {MAX_TAGS} tags", code="too-many-tags", field="tags")
    staying = [each for each in own if each in wanted]
    pairs = zip(staying, wanted, strict=False)
    kept = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    while set(staying[:kept]) & set(staying[kept:]):
        kept -= 1
    gone = dict.fromkeys(each for each in own if each not in staying[:kept])
    return [*(untag(tag=each) for each in gone), *(tag(tag=each) for each in wanted[kept:])]
