"""Does an account belong to a workspace? Asked by many at once."""

from collections.abc import Mapping, Set
from uuid import UUID

from queries.database import Database
from queries.together import Together

_Pair = tuple[UUID, UUID]
_ASKED = """
SELECT m.workspace, m.account
FROM unnest($1::uuid[], $2::uuid[]) AS asked(workspace, account)
JOIN read.members m USING (workspace, account)
"""


class Membership:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._together: Together[_Pair, bool] = Together(self._ask)

    async def holds(self, workspace: UUID, account: UUID) -> bool:
        """As the read model shows it. Raises `Unavailable`."""
        return await self._together.of((workspace, account))

    async def _ask(self, pairs: Set[_Pair]) -> Mapping[_Pair, bool]:
        workspaces, accounts = zip(*pairs, strict=True)
        found = await self._database.fetch(_ASKED, list(workspaces), list(accounts))
        members = {(record["workspace"], record["account"]) for record in found}
        return {pair: pair in members for pair in pairs}
