"""The log and the files of this installation, as an importer needs them."""

import asyncio
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from commands.accounts import ACCOUNTS, PASSWORD, Account
from commands.base import Claim, Stream
from commands.draft import ClaimKey
from commands.handler import Handler
from commands.imports.items import Item
from commands.imports.ports import Kept, Written
from commands.imports.sealing import Sealing
from events.append import Append, Appended
from events.base import Fact
from events.refusals import Conflict, TooLarge, Unavailable
from gateway.bootstrap.services import Log
from gateway.dialects.taskhub.space import join_all
from infra.appender import MAX_BACKGROUND, Appender
from infra.objects import Objects

ATTEMPTS = 20
_PAUSE = 0.5
_MEMBERS = 100  # at once
# What a claim's kind is called where it is refused.
_FIELDS = {"number": "id", "identity": "id", "tag": "name", "slug": "title"}


class ImportLog:
    """Appends go behind what anybody asks for meanwhile."""

    def __init__(
        self, log: Log, appender: Appender, handler: Handler, claim_key: ClaimKey, system: str
    ) -> None:
        self._log = log
        self._appender = appender
        self._handler = handler
        self._claim_key = claim_key
        self._system = system

    async def begun(self, streams: Collection[UUID]) -> Mapping[UUID, str]:
        return await self._log.store.begun(streams) if streams else {}

    async def holders(self, claims: Collection[Claim]) -> Mapping[Claim, UUID]:
        keys = {self._claim_key(each.kind, each.value, each.scope): each for each in claims}
        held = await self._log.store.claimed_by(list(keys)) if keys else {}
        return {keys[key]: stream for key, stream in held.items()}

    async def write(self, items: Sequence[Item]) -> Sequence[Written]:
        """Many rows in one append, unless one of them does not pass: then each for itself."""
        sealing = Sealing(self._system, self._log.keys, self._claim_key)
        await sealing.load(items)
        written = await asyncio.gather(
            *(self._write_together(some, sealing) for some in _together(items))
        )
        return [each for some in written for each in some]

    async def kept(self, streams: Collection[UUID], up_to: int) -> Mapping[UUID, Sequence[Kept]]:
        found: dict[UUID, list[Kept]] = {}
        for event in await self._log.reader.of_streams(streams, up_to=up_to):
            fact = event.fact if isinstance(event.fact, Fact) else None
            kept = Kept(event.version, event.occurred_at, fact)
            found.setdefault(event.stream, []).append(kept)
        return found

    async def account(self, id: UUID) -> Stream[Account]:
        return await self._handler.load(id, ACCOUNTS)

    async def has_password(self, account: UUID) -> bool:
        return await self._log.store.secret(account, PASSWORD) is not None

    async def head(self) -> int:
        return await self._log.reader.head()

    async def join(self, accounts: Sequence[UUID]) -> int:
        for start in range(0, len(accounts), _MEMBERS):
            try:
                await join_all(self._handler, accounts[start : start + _MEMBERS])
            except Conflict as conflict:
                if conflict.code != "workspace-full":
                    raise
                return await self._fill(accounts[start:])
        return 0

    async def _fill(self, accounts: Sequence[UUID]) -> int:
        for number, account in enumerate(accounts):
            try:
                await join_all(self._handler, [account])
            except Conflict:
                return len(accounts) - number
        return 0

    async def _write_together(self, items: Sequence[Item], sealing: Sealing) -> Sequence[Written]:
        if len(items) > 1:
            with suppress(TooLarge):
                appended = await self._append(sealing.together(items))
                if appended.outcome in ("ok", "duplicate"):  # sent twice, if its answer was lost
                    for item in items:
                        sealing.appended(item)
                    return [Written("added")] * len(items)
        return await asyncio.gather(*(self._write(item, sealing) for item in items))

    async def _write(self, item: Item, sealing: Sealing) -> Written:
        try:
            appended = await self._append(sealing.sealed(item))
        except TooLarge as error:
            return Written("refused", error.field or "id", str(error))
        match appended.outcome:
            case "ok":
                sealing.appended(item)
                return Written("added")
            case "claimed":
                kind = next(
                    each.claim.kind
                    for each in item.claims
                    if sealing.key_of_claim(each.claim) == appended.fingerprint
                )
                return Written("refused", _FIELDS.get(kind, kind), f"this {kind} is taken here")
            case _:
                return Written("known")

    async def _append(self, append: Append) -> Appended:
        """Whatever became of a lost one, the same command is answered by what it did."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._appender.append(append, background=True)
            except Unavailable:
                await asyncio.sleep(_PAUSE)
        return await self._appender.append(append, background=True)


def _together(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many as one append takes, in their order."""
    start, events = 0, 0
    for number, item in enumerate(items):
        if number > start and events + len(item.happened) > MAX_BACKGROUND:
            yield items[start:number]
            start, events = number, 0
        events += len(item.happened)
    if start < len(items):
        yield items[start:]


class Folder:
    """Where the files of the older system lie."""

    def __init__(self, folder: Path, objects: Objects) -> None:
        self._folder = folder.resolve()
        self._objects = objects

    async def problem(self, path: str, size: int) -> str | None:
        return await asyncio.to_thread(self._problem, path, size)

    async def store(self, path: str, key: UUID) -> str:
        with (self._folder / path).resolve().open("rb") as file:
            digest = await asyncio.to_thread(hashlib.file_digest, file, "sha256")
            file.seek(0)
            await self._objects.put_file(key, file)
        return digest.hexdigest()

    def _problem(self, path: str, size: int) -> str | None:
        try:
            found = (self._folder / path).resolve()
            if not found.is_relative_to(self._folder):
                return "leads out of the folder"
            if not found.is_file():
                return "is not there"
            there = found.stat().st_size
        except (OSError, ValueError) as error:
            return f"cannot be read: {type(error).__name__}"
        return None if there == size else f"has {there} bytes, its row says {size}"
