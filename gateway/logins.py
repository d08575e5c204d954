"""Is this the account's password, and may it still be tried?"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, Protocol
from uuid import UUID

import msgspec
from msgspec.structs import replace

from commands.accounts import ACCOUNTS, PASSWORD, ConfirmPassword, normal
from commands.handler import Handler
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import Forbidden, Invalid, TooMany, Unauthenticated
from events.sealing import derive
from gateway.passwords import Passwords
from gateway.resources.accounts import email_in

Name = Literal["email", "username"]
NAMES: tuple[Name, ...] = ("email", "username")


class Secrets(Protocol):
    async def secret(self, owner: UUID, kind: str) -> bytes | None: ...


class Limiter(Protocol):
    """Counts per key; `allow` answers None, or the seconds until it may be asked again."""

    async def allow(self, key: str, limit: int, per_seconds: float) -> float | None: ...
    async def forget(self, key: str) -> None: ...


class Right(msgspec.Struct, frozen=True):
    """How often the password had been changed when it was found right, and its hash as we make
    them if an older system had made the one that is kept."""

    changes: int
    rehashed: bytes | None = None


class Logins:
    """So many tries a minute for each account and address; a right one gives them back."""

    def __init__(
        self,
        *,
        handler: Handler,
        secrets: Secrets,
        passwords: Passwords,
        limiter: Limiter,
        limit: int,
        secret_key: str,
    ) -> None:
        self._handler = handler
        self._secrets = secrets
        self._passwords = passwords
        self._limiter = limiter
        self._limit = limit
        self._key = derive(secret_key.encode(), "logins")

    async def check(
        self,
        account: UUID | None,
        password: str,
        caller: Caller,
        *,
        name: str = "",
        field: str = "password",
    ) -> Right | None:
        """None if it is wrong.

        `name` is how an account was asked for that there is not: the same is done for it. Raises
        `TooMany`.
        """
        who = account.hex if account else derive(self._key, name).hex()
        key = f"login:{who}:{caller.address}"
        if wait := await self._limiter.allow(key, self._limit, 60):
            raise TooMany("too many wrong passwords; wait before you try again", retry_after=wait)
        stream = await self._handler.load(account or new_id(), ACCOUNTS)
        stored = await self._secrets.secret(stream.id, PASSWORD)
        good = await self._passwords.check(password, stored, field=field)
        if not good or stored is None or not stream.state.exists:
            return None
        await self._limiter.forget(key)
        old = self._passwords.is_old(stored)
        rehashed = await self._passwords.hash(password, field=field) if old else None
        return Right(stream.state.password_changes, rehashed)

    async def found(
        self, login: str, password: str, caller: Caller, *, by: Sequence[Name] = NAMES
    ) -> tuple[UUID, Right]:
        """By e-mail or username. An unknown one takes as long as a wrong password; both raise
        `Unauthenticated`."""
        name = normal(login.strip())
        holders = {each: await self._holder(each, login) for each in by}
        # Older systems took any text as an e-mail: it is none if it looks like a username.
        likely = sorted(by, key=lambda each: (each == "email") != ("@" in name))
        account = next((holders[each] for each in likely if holders[each]), None)
        right = await self.check(account, password, caller, name=name)
        if account is None or right is None:
            raise Unauthenticated("unknown login or wrong password", code="bad-credentials")
        return account, right

    async def _holder(self, kind: Name, login: str) -> UUID | None:
        """White space around a name is part of it where somebody has just that one. An address is
        kept as mail systems write it, and found as its person does."""
        forms = [login, login.strip()]
        if kind == "email":
            with suppress(Invalid):
                forms.append(email_in(login))
        names = dict.fromkeys(normal(form) for form in forms)
        held = [await self._handler.claimed_by(kind, name) for name in names]
        return next((account for account in held if account), None)

    async def confirmed(
        self, password: str, request: CommandRequest, *, field: str = "password"
    ) -> ConfirmPassword:
        """The caller's own. Raises `Forbidden` for a wrong one."""
        right = await self.check(request.account, password, request.caller, field=field)
        if right is None:
            raise Forbidden("the password is wrong", code="wrong-password", field=field)
        return confirming(request.account, right)

    def veiled(self, request: CommandRequest) -> CommandRequest:
        """The fingerprint of a request with a password in it would let that be guessed from a
        copy of the database; without our key it does not."""
        fingerprint = derive(self._key, request.fingerprint.hex())
        return replace(request, fingerprint=fingerprint) if request.replayable else request


def confirming(account: UUID, right: Right) -> ConfirmPassword:
    return ConfirmPassword(stream=account, password_changes=right.changes, rehashed=right.rehashed)
