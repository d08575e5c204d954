"""The one way from a command to the log: look up, load, fold, permit, decide, append."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from commands.base import Command, Context, Decider, S, Stream, fold, permit
from commands.catalog import BEGINNING, DECIDERS, MAY_BEGIN, NOUNS
from commands.draft import ClaimKey, Draft, Keys, fingerprint_of, taken
from commands.numbers import stream_numbered
from commands.streams import Reader, StreamCache
from commands.workspaces import WORKSPACES
from events.append import Append, Appended, CommandRecord, CommandRequest
from events.base import Role
from events.cloud import Event
from events.envelope import Recorded, number_of
from events.refusals import Conflict, NotFound, Refusal, Reused, Stale, Unavailable

ATTEMPTS = 5

_NUMBERS = 20_000  # remembered


class Store(Protocol):
    async def command(self, command_id: UUID) -> CommandRecord | None: ...
    async def claimed_by(self, keys: Sequence[bytes]) -> dict[bytes, UUID]: ...


class Appending(Protocol):
    async def append(self, append: Append, *, background: bool = False) -> Appended: ...


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The log's position after the commands, and each command's stream as they left it."""

    position: int
    streams: Sequence[Stream[Any]]
    event_count: int
    replayed: bool = False

    @property
    def stream(self) -> Stream[Any]:
        """The last command's stream: the one that a single-resource answer shows."""
        return self.streams[-1]


class Handler:
    """Handles lists of commands, each list all or nothing."""

    def __init__(
        self,
        *,
        store: Store,
        reader: Reader,
        appender: Appending,
        keys: Keys,
        claim_key: ClaimKey,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._reader = reader
        self._appender = appender
        self._keys = keys
        self._claim_key = claim_key
        self._clock = clock
        self._cache = StreamCache(reader)
        self._numbers: OrderedDict[tuple[str, int, str], UUID] = OrderedDict()

    async def load(self, stream: UUID, decider: Decider[S], *, fresh: bool = True) -> Stream[S]:
        """The stream as the log has it now. Version 0 where there is none. Without `fresh` it
        may be behind, which is enough for what seldom changes and decides nothing."""
        return await self._cache.load(stream, decider, fresh=fresh)

    def heard(self, event: Event) -> None:
        """Whoever follows the log says what happened, also in other processes."""
        self._cache.heard(event)

    def now(self) -> datetime:
        return self._clock()

    async def claimed_by(self, kind: str, value: str, scope: UUID | None = None) -> UUID | None:
        """The stream that holds a unique value; None while it is free."""
        key = self._claim_key(kind, value, scope)
        return (await self._store.claimed_by([key])).get(key)

    async def numbered(self, noun: str, number: int, system: str) -> UUID | None:
        """The stream of this noun that an integer id means to clients of that older system."""
        known = self._numbers.get((noun, number, system))
        if known is None:
            known = await stream_numbered(self._reader, self, noun, number, system)
        if known is not None:  # for good
            self._numbers[noun, number, system] = known
            self._numbers.move_to_end((noun, number, system))
            if len(self._numbers) > _NUMBERS:
                self._numbers.popitem(last=False)
        return known

    async def replayed(
        self, commands: Sequence[Command], request: CommandRequest
    ) -> Outcome | None:
        """The first outcome, if this request was handled before."""
        if request.replayable and (record := await self._store.command(request.command_id)):
            return await self._replay(commands, request, record)
        return None

    async def handle(self, commands: Sequence[Command], request: CommandRequest) -> Outcome:
        """Raises a `Refusal`; then nothing was appended."""
        if replayed := await self.replayed(commands, request):
            return replayed
        try:
            return await self._handle(commands, request)
        except Unavailable:
            raise
        except Refusal:
            # Perhaps because the very same request was handled meanwhile.
            if replayed := await self.replayed(commands, request):
                return replayed
            raise

    async def _handle(self, commands: Sequence[Command], request: CommandRequest) -> Outcome:
        for attempt in range(ATTEMPTS):
            draft = await self._decide(commands, request, fresh=attempt > 0)
            answered = draft.streams[commands[-1].stream]
            append = await draft.sealed(answered, self._keys, self._claim_key)
            appended = await self._appender.append(append, background=request.background)
            if appended.outcome == "ok":
                return self._done(commands, draft, append, appended)
            if appended.outcome == "duplicate":
                record = await self._store.command(request.command_id)
                assert record is not None, "a duplicate has a record"
                return await self._replay(commands, request, record)
            if appended.outcome == "claimed":
                claim = draft.claim_of(appended.fingerprint, self._claim_key)
                assert claim is not None, "only what was asked for is refused"
                raise taken(claim)
        raise Conflict("others keep changing this at the same time; try again", code="contention")

    async def _decide(
        self, commands: Sequence[Command], request: CommandRequest, *, fresh: bool
    ) -> Draft:
        """A state from memory may be behind, and only an append checks it: so a refusal, or a
        decision to do nothing, is taken again on what the log says."""
        try:
            draft = await self._draft(commands, request, fresh=fresh)
        except Refusal:
            if fresh:
                raise
            return await self._draft(commands, request, fresh=True)
        if not draft.events and not fresh:
            return await self._draft(commands, request, fresh=True)
        return draft

    async def _draft(
        self, commands: Sequence[Command], request: CommandRequest, *, fresh: bool
    ) -> Draft:
        draft = Draft(request, self._clock())
        for index, command in enumerate(commands):
            try:
                await self._decide_one(draft, command, fresh)
                version = request.versions.get(command.stream)
                if version is not None:
                    _match(draft.read[command.stream], version, "version")
            except Refusal as refusal:
                refusal.index = index
                raise
        if request.if_match is not None:
            _match(draft.read[commands[-1].stream], request.if_match, "If-Match")
        return draft

    async def _decide_one(self, draft: Draft, command: Command, fresh: bool) -> None:
        decider = DECIDERS[type(command)]
        if type(command) in BEGINNING and not fresh and command.stream not in draft.streams:
            draft.saw(Stream(id=command.stream, state=decider.initial))
        stream = await self._seen(draft, command.stream, decider, fresh)
        if stream.owner is None and type(command) not in MAY_BEGIN:
            raise NotFound(f"there is no such {decider.noun}")
        owner = stream.owner or decider.owner(command)
        members = await self._members(draft, command, decider, owner, fresh)
        related = {
            id: await self._seen(draft, id, NOUNS[noun], fresh)
            for id, noun in decider.reads(command).items()
        }
        context = Context(
            caller=draft.request.caller, now=draft.now, members=members, related=related
        )
        draft.decided(command, decider, owner, decider.decide(command, stream.state, context))

    async def _seen(
        self, draft: Draft, id: UUID, decider: Decider[Any], fresh: bool
    ) -> Stream[Any]:
        if id not in draft.streams:
            draft.saw(await self._cache.load(id, decider, fresh=fresh))
        return draft.streams[id]

    async def _members(
        self, draft: Draft, command: Command, decider: Decider[Any], owner: UUID, fresh: bool
    ) -> Mapping[UUID, Role]:
        """Who belongs to the workspace acted in, once the caller's role suffices. The append
        guards the workspace's version, so nobody acts on a role that was just taken away."""
        needed = decider.roles.get(type(command))
        if needed is None:
            return {}
        workspace = await self._seen(draft, owner, WORKSPACES, fresh)
        if workspace.version == 0:
            raise NotFound("there is no such workspace", field="workspace")
        members: Mapping[UUID, Role] = workspace.state.members
        permit(members, draft.request.caller, needed)
        return members

    def _done(
        self, commands: Sequence[Command], draft: Draft, append: Append, appended: Appended
    ) -> Outcome:
        first = appended.last_position - appended.event_count + 1
        for position, event in enumerate(draft.events, start=first):
            if event.version == 1:
                stream, number = draft.streams[event.stream], number_of(event.fact, position)
                draft.streams[event.stream] = msgspec.structs.replace(stream, number=number)
        self._cache.keep(draft.streams.values())
        return Outcome(
            position=appended.last_position,
            streams=[draft.streams[command.stream] for command in commands],
            event_count=appended.event_count,
        )

    async def _replay(
        self, commands: Sequence[Command], request: CommandRequest, record: CommandRecord
    ) -> Outcome:
        """The first outcome again: each stream folded up to where that command left it."""
        if record.fingerprint != fingerprint_of(request, self._claim_key):
            raise Reused("this idempotency key was used for another request")
        done: list[Recorded] = []
        if record.event_count:
            done = await self._reader.after(record.first_position - 1, limit=record.event_count)
        created = [(event.noun, event.stream) for event in done if event.version == 1]
        streams: list[Stream[Any]] = []
        for command in commands:
            decider = DECIDERS[type(command)]
            if decider.newest:
                events = [event for event in done if event.stream == command.stream]
            else:
                events = await self._reader.stream(command.stream)
            if not events:  # it created something then, under the id it was given then
                made = next((pair for pair in created if pair[0] == decider.noun), None)
                if made is not None:
                    created.remove(made)
                    events = await self._reader.stream(made[1])
            # None by a command that was not needed then, such as for a tag that was there still.
            id = events[0].stream if events else command.stream
            before = [event for event in events if event.position <= record.last_position]
            streams.append(fold(decider, Stream(id=id, state=decider.initial), before))
        return Outcome(
            position=record.last_position,
            streams=streams,
            event_count=record.event_count,
            replayed=True,
        )


def _match(version: int, wanted: int, field: str) -> None:
    if version != wanted:
        raise Stale(
            f"the version is {version}, not {wanted}; read it again",
            field=field,
            version=version,
        )
