"""Which tags are meant by their names, in one workspace."""

from collections.abc import Iterable, Sequence
from typing import Protocol
from uuid import UUID

from commands.base import Command
from commands.tags import CLAIM, CreateTag, same_name
from events.ids import new_id


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

    async def _id(self, workspace: UUID, name: str) -> UUID:
        known = (workspace, same_name(name))
        if known not in self._found:
            held = await self._claims.claimed_by(CLAIM, known[1], workspace)
            if held is None:
                held = new_id()
                self.commands.append(CreateTag(stream=held, workspace=workspace, name=name))
            self._found[known] = held
        return self._found[known]
