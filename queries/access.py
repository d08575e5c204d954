"""Whose events may an account see, as of which position?"""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from events.base import Fact
from events.envelope import Erased, Recorded, Unreadable
from events.refusals import NotFound
from events.workspaces import MemberAdded, MemberLeft, MemberRemoved, WorkspaceCreated
from queries.database import Database

MEMBERSHIP_TOPICS = (
    "workspace.created",
    "workspace.member_added",
    "workspace.member_removed",
    "workspace.member_left",
)

# One statement, so one snapshot: the rows are those of that position.
_MEMBERSHIPS = """
SELECT c.position, ARRAY(SELECT workspace FROM read.members WHERE account = $1)
FROM checkpoints c WHERE c.projection = 'workspaces' AND c.serves AND c.log_id = $2
"""
_PAGE = 500


class Access(msgspec.Struct, frozen=True):
    """The account's own events, and those of its workspaces as of `position`."""

    account: UUID
    workspaces: frozenset[UUID]
    position: int


class Log(Protocol):
    @property
    def log_id(self) -> UUID: ...
    async def head(self) -> int: ...
    async def tolerant_after(
        self, position: int, *, limit: int, up_to: int | None, topics: Sequence[str]
    ) -> list[Recorded]: ...


class Waiter(Protocol):
    async def wait_for(self, projection: str, position: int, seconds: float = 2.0) -> None:
        """Raises `Unavailable` when it takes longer than that."""
        ...


class Accesses:
    """Right as of the head of the log, however far behind the read model is."""

    def __init__(self, database: Database, log: Log, waiter: Waiter) -> None:
        self._database = database
        self._log = log
        self._waiter = waiter

    async def of(self, account: UUID) -> Access:
        """Raises `Unavailable`."""
        await self._waiter.wait_for("workspaces", 0)
        head = await self._log.head()
        [(position, found)] = await self._database.fetch(_MEMBERSHIPS, account, self._log.log_id)
        workspaces = set(found)
        while position < head:
            page = await self._log.tolerant_after(
                position, limit=_PAGE, up_to=head, topics=MEMBERSHIP_TOPICS
            )
            for recorded in page:
                if joining(recorded.fact) == account:
                    workspaces.add(recorded.owner)
                elif leaving(recorded.fact) == account:
                    workspaces.discard(recorded.owner)
            position = page[-1].position if len(page) == _PAGE else head
        return Access(account, frozenset(workspaces), position)


def joining(fact: Fact | Erased | Unreadable) -> UUID | None:
    """Who belongs to the workspace from this event on."""
    match fact:
        case WorkspaceCreated():
            return fact.owner
        case MemberAdded():
            return fact.account
    return None


def leaving(fact: Fact | Erased | Unreadable) -> UUID | None:
    """Whose last event of the workspace this is."""
    match fact:
        case MemberRemoved() | MemberLeft():
            return fact.account
    return None


def owners_of(access: Access, workspaces: frozenset[UUID]) -> frozenset[UUID]:
    """Whose events to look for: the account's and its workspaces', or those of `workspaces`, if
    any are named. Raises `NotFound` for one that the account may not know of."""
    if not workspaces:
        return access.workspaces | {access.account}
    if not workspaces <= access.workspaces:
        raise NotFound("there is no such workspace", field="workspace")
    return workspaces
