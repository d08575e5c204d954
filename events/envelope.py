"""What surrounds a fact on the record, and who caused it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from events.base import Fact
from events.ids import number_at

ACCOUNT_NOUNS = frozenset({"account", "session", "inbox", "notification"})


class Erased(msgspec.Struct, frozen=True):
    """Stands for a fact whose sealing key is gone; every fold passes over it."""

    topic: str


class Unreadable(msgspec.Struct, frozen=True):
    """Stands for a fact that is there but cannot be read: damaged, or of a newer program.

    Unlike `Erased`, nobody may pass over it: a projector parks the event.
    """

    topic: str
    reason: str


class Caller(msgspec.Struct, frozen=True):
    """Who asks: an account signed in with a session, or nobody yet (`account` None).

    Who came with a token that is not ours has no session; `subject` is their name in it.
    """

    account: UUID | None = None
    session: UUID | None = None
    address: str | None = None
    user_agent: str | None = None
    subject: str | None = None


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept beside a fact in clear. `client` is sealed under the actor's key."""

    command: UUID
    correlation: UUID
    actor: UUID | None = None
    causation: UUID | None = None
    client: bytes | None = None
    traceparent: str | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A fact on the record.

    `position` counts the whole log from 1 and is 0 before the append; `version` counts the
    stream from 1. `owner` is the workspace it belongs to, or the account for an account's own
    events. `recorded_at` never runs backwards; `occurred_at` is what the domain means.
    """

    stream: UUID
    version: int
    topic: str
    fact: Fact | Erased | Unreadable
    owner: UUID
    occurred_at: datetime
    metadata: Metadata
    position: int = 0
    recorded_at: datetime | None = None

    @property
    def originator_id(self) -> UUID:
        return self.stream

    @property
    def originator_version(self) -> int:
        return self.version

    @property
    def noun(self) -> str:
        return self.topic.partition(".")[0]

    @property
    def workspace(self) -> UUID | None:
        """None for an account's own events."""
        return None if self.noun in ACCOUNT_NOUNS else self.owner

    @property
    def number(self) -> int:
        """The integer id of what this event creates."""
        return number_of(self.fact, self.position)

    @property
    def actor(self) -> UUID | None:
        return self.metadata.actor


def number_of(fact: Fact | Erased | Unreadable, position: int) -> int:
    """The integer id of what a fact at this position creates: that which it had before it was
    imported, else one by its position."""
    return getattr(fact, "number", None) or number_at(position)


Json = dict[str, Any]
