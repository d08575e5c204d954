"""What every noun's commands and decisions are made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec

from events.base import Fact, Role
from events.envelope import Caller, Erased, Recorded
from events.refusals import Forbidden, NotFound

S = TypeVar("S")

RANK: dict[Role, int] = {"viewer": 0, "member": 1, "admin": 2, "owner": 3}


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody wants to happen to one stream. The secrets of a `quiet` one are
    kept although nothing that happens tells of them."""

    quiet: ClassVar[bool] = False
    stream: UUID


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What comes from outside a stream. `members` are those of the workspace acted in; it is
    empty where a command concerns an account only. `related` are the streams that the decider
    asked to read; the append fails if one of them moves on before it."""

    caller: Caller
    now: datetime
    members: Mapping[UUID, Role] = {}
    related: "Mapping[UUID, Stream[Any]]" = {}


class Claim(msgspec.Struct, frozen=True):
    """A value that only one stream may hold, `scope` None for the whole system."""

    kind: str
    value: str
    scope: UUID | None = None
    release: bool = False


class Secret(msgspec.Struct, frozen=True):
    """What is kept beside the log and never in it; `value` None deletes it."""

    owner: UUID
    kind: str
    value: bytes | None


class Stream(msgspec.Struct, Generic[S], frozen=True):
    """A stream folded up to `version`; 0 where nothing has happened to it yet.

    `number` is its integer id, for clients that need one. `created_by` is None for what no
    account did, and `owner` None before the first event.
    """

    id: UUID
    state: S
    version: int = 0
    owner: UUID | None = None
    number: int = 0
    created_at: datetime | None = None
    created_by: UUID | None = None
    updated_at: datetime | None = None


def no_claims(state: Any, fact: Fact) -> Sequence[Claim]:
    return ()


def no_reads(command: Any) -> Mapping[UUID, str]:
    return {}


def no_secrets(command: Any) -> Sequence[Secret]:
    return ()


@dataclass(frozen=True)
class Decider(Generic[S]):
    """How one noun decides: all pure.

    `noun` is the first part of its topics. `evolve` also gets the time of the fact. `owner`
    names the workspace (or account) that a creating command's stream will belong to. `roles` is
    the least role each command needs in that workspace; a command that is not in it is the
    account's own business, and `decide` checks the caller itself. `claims` and `secrets` follow
    from the facts, given the state before each, and from the command. `reads` names the other
    streams that a decision looks at, and their nouns. `newest` says that the newest fact alone
    makes the state, so that older ones need not be read.
    """

    noun: str
    initial: S
    evolve: Callable[[S, Any, datetime], S]
    decide: Callable[[Any, S, Context], Sequence[Fact]]
    owner: Callable[[Any], UUID]
    roles: Mapping[type[Command], Role] = field(default_factory=dict)
    claims: Callable[[S, Any], Sequence[Claim]] = no_claims
    secrets: Callable[[Any], Sequence[Secret]] = no_secrets
    reads: Callable[[Any], Mapping[UUID, str]] = no_reads
    newest: bool = False


def fold(decider: Decider[S], stream: Stream[S], recorded: Sequence[Recorded]) -> Stream[S]:
    """The stream after these events. An erased fact counts as a version and changes nothing."""
    for event in recorded:
        first = stream.version == 0
        stream = Stream(
            id=stream.id,
            state=stream.state
            if isinstance(event.fact, Erased)
            else decider.evolve(stream.state, event.fact, event.occurred_at),
            version=event.version,
            owner=event.owner,
            number=event.number if first else stream.number,
            created_at=event.occurred_at if first else stream.created_at,
            created_by=event.actor if first else stream.created_by,
            updated_at=event.occurred_at,
        )
    return stream


def edits(command: Command, state: Any) -> dict[str, Any]:
    """What an editing command sets (it leaves the rest UNSET) and what is not so already."""
    wanted = msgspec.structs.asdict(command)
    del wanted["stream"]
    return {
        name: value
        for name, value in wanted.items()
        if value is not msgspec.UNSET and value != getattr(state, name)
    }


def permit(members: Mapping[UUID, Role], caller: Caller, needed: Role) -> None:
    """Raises `NotFound` for one who may not know that it exists, `Forbidden` for a role too low."""
    role = members.get(caller.account) if caller.account else None
    if role is None:
        raise NotFound("there is nothing here that you may see")
    if RANK[role] < RANK[needed]:
        raise Forbidden(f"this needs the role {needed} in the workspace; yours is {role}")
