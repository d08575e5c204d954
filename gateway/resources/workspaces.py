"""A workspace and its members as the native API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from events.base import Role
from gateway.resources.text import LINE

WorkspaceName = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=LINE, examples=["Household"])
]
TimeZone = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=LINE,
        description="An IANA time zone; days, and with them due dates, end by it.",
        examples=["Europe/Rome"],
    ),
]


class WorkspaceResource(msgspec.Struct, frozen=True, kw_only=True):
    """`role` is that of whoever asks. A `personal` workspace has no other members."""

    id: UUID
    name: str
    time_zone: str
    personal: bool
    role: Role
    created_at: datetime
    updated_at: datetime
    version: int


class MemberResource(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a workspace. It is not `active` while its person has deactivated it."""

    account: UUID
    full_name: str
    username: str | None
    email: str
    role: Role
    active: bool
