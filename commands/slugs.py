"""By which word is a post found in an address?"""

import re
from typing import Protocol
from unicodedata import combining, normalize
from uuid import UUID

CLAIM = "slug"
MAX_LENGTH = 100
_OWN = 80  # leaves room for a number behind it
_REST = re.compile("[^a-z0-9]+")


class Claims(Protocol):
    async def claimed_by(self, kind: str, value: str, scope: UUID | None = None) -> UUID | None: ...


def slug_of(title: str, number: int = 1) -> str:
    """Plain letters and digits. The second of its kind ends in -2, and so on."""
    plain = "".join(c for c in normalize("NFKD", title.casefold()) if not combining(c))
    slug = _REST.sub("-", plain).strip("-")
    if len(slug) > _OWN:
        slug = slug[: _OWN + 1].rpartition("-")[0] or slug[:_OWN]
    slug = slug or "post"
    return slug if number == 1 else f"{slug}-{number}"


async def free_number(claims: Claims, workspace: UUID, title: str) -> int:
    """The number with which this title's slug is free: among a thousand of the same title it is
    found in some twenty steps, at the price of a gap where one was let go."""

    async def is_free(number: int) -> bool:
        return await claims.claimed_by(CLAIM, slug_of(title, number), workspace) is None

    taken, free = 0, 1
    while not await is_free(free):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        if await is_free(middle):
            free = middle
        else:
            taken = middle
    return free
