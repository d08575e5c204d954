"""Who is asking, and how they sign in, stay signed in and are signed out."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from msgspec.structs import replace

from commands.accounts import (
    Account,
    ChangeEmail,
    ChangePassword,
    ConfirmPassword,
    DeactivateAccount,
    ReactivateAccount,
    RegisterAccount,
)
from commands.base import Command, Stream
from commands.handler import Handler, Outcome
from commands.routes.accounts import account_resource
from commands.sessions import (
    REFRESH_TOKEN,
    SESSIONS,
    OpenSession,
    RefreshSession,
    RevokeSession,
    Session,
)
from commands.workspaces import CreateWorkspace
from events.append import CommandRequest
from events.cloud import Event
from events.envelope import Caller
from events.ids import new_id, personal_workspace_of
from events.refusals import Conflict, Stale, Unauthenticated
from gateway.identity import Identity
from gateway.issuers import NATIVE, Issuer
from gateway.logins import NAMES, Logins, Name, Secrets, confirming
from gateway.passwords import Passwords
from gateway.resources.accounts import SignedIn
from gateway.tokens import AccessTokens, RefreshToken

GRACE = timedelta(seconds=30)
ATTEMPTS = 5


class Auth:
    """Accounts and sessions as the edge needs them.

    A session lasts until it is revoked, until the password is changed in another one or the
    account is deactivated, or until it has not been refreshed for `refresh_life`. `issuers` are
    those of others whose tokens are taken.
    """

    def __init__(
        self,
        *,
        handler: Handler,
        secrets: Secrets,
        passwords: Passwords,
        logins: Logins,
        access_tokens: AccessTokens,
        refresh_life: timedelta,
        tail_is_late: Callable[[], bool],
        dialect_life: timedelta | None = None,
        issuers: Sequence[Issuer] = (),
    ) -> None:
        self._handler = handler
        self._secrets = secrets
        self._passwords = passwords
        self._logins = logins
        self._tokens = access_tokens
        self._refresh_life = refresh_life
        self._dialect_life = dialect_life
        self._identity = Identity(
            handler=handler, tokens=access_tokens, issuers=issuers, tail_is_late=tail_is_late
        )

    async def caller(self, token: str, system: str = NATIVE) -> Caller:
        """For whom an access token stands in that system. Raises `Unauthenticated`."""
        return await self._identity.caller(token, system)

    async def lasting(self, token: str, system: str = NATIVE) -> tuple[Caller, float]:
        """As `caller`, and until when the token is good, in Unix seconds."""
        return await self._identity.lasting(token, system)

    def on_event(self, event: Event) -> None:
        """To be told of every event, so that what was revoked elsewhere ends here."""
        self._identity.on_event(event)

    async def register(
        self,
        *,
        email: str,
        username: str | None,
        full_name: str,
        password: str,
        request: CommandRequest,
    ) -> tuple[SignedIn, int]:
        """An account, its personal workspace and a session in it."""
        account = new_id()
        register = RegisterAccount(
            stream=account,
            email=email,
            username=username,
            full_name=full_name,
            password_hash=await self._passwords.hash(password),
        )
        workspace = CreateWorkspace(
            stream=personal_workspace_of(account), owner=account, name="Personal", personal=True
        )
        return await self._open(account, 0, [register, workspace], request)

    def token_for(self, account: UUID, session: UUID, life: timedelta, *, dialect: str) -> str:
        """An access token that lasts as long as an older system's did, if nothing else is set."""
        now, life = self._handler.now(), self._dialect_life or life
        return self._tokens.sign(account, session, now, life=life, dialect=dialect)

    async def sign_in(
        self, login: str, password: str, request: CommandRequest, *, by: Sequence[Name] = NAMES
    ) -> tuple[SignedIn, int]:
        """By e-mail or username. Raises `Forbidden` for an account that is deactivated, but only
        to who knows its password."""
        account, right = await self._logins.found(login, password, request.caller, by=by)
        return await self._open(account, right.changes, [confirming(account, right)], request)

    async def reactivate(
        self, login: str, password: str, request: CommandRequest
    ) -> tuple[SignedIn, int]:
        """As `sign_in`, but an account that is deactivated is active again."""
        account, right = await self._logins.found(login, password, request.caller)
        first = [ReactivateAccount(stream=account), confirming(account, right)]
        return await self._open(account, right.changes, first, request)

    async def deactivate(self, password: str, request: CommandRequest) -> Outcome:
        """Ends every session. Raises `Forbidden` for a wrong password."""
        confirm = await self._logins.confirmed(password, request)
        deactivate = DeactivateAccount(stream=request.account)
        outcome = await self._handler.handle([confirm, deactivate], self._logins.veiled(request))
        self._identity.drop(request.account, lambda caller: True)
        return outcome

    async def refresh(self, token: str, request: CommandRequest) -> tuple[SignedIn, int]:
        """New tokens for a refresh token, which is then used up.

        Of requests that use the same one at the same time, one renews the session and the others
        get the same new token, as does a client that lost the answer and asks again within
        `GRACE`. Anything later is a copy in the wrong hands: the session ends.
        """
        used = RefreshToken.parse(token)
        if used is not None:
            for _ in range(ATTEMPTS):
                try:
                    return await self._refreshed(used, request)
                except (Conflict, Stale):  # another request was first: see what it did
                    continue
        raise _bad_token()

    async def revoke(
        self,
        session: UUID,
        reason: Literal["logout", "revoked", "reuse"],
        request: CommandRequest,
    ) -> Outcome:
        """End a session of the caller's. Here it ends at once, elsewhere through the log."""
        outcome = await self._handler.handle(
            [RevokeSession(stream=session, reason=reason)], request
        )
        self._identity.drop(request.account, lambda caller: caller.session == session)
        return outcome

    async def change_email(self, email: str, password: str, request: CommandRequest) -> Outcome:
        """Raises `Forbidden` for a wrong password."""
        request = self._logins.veiled(request)
        confirm = await self._logins.confirmed(password, request)
        change = ChangeEmail(stream=request.account, email=email)
        return await self._handler.handle([confirm, change], request)

    async def change_password(self, current: str, new: str, request: CommandRequest) -> Outcome:
        """Ends every other session. Raises `Forbidden` for a wrong current password; a repeated
        request is answered as before, although that password is wrong by now."""
        request = self._logins.veiled(request)
        change = ChangePassword(stream=request.account, password_hash=b"")
        if replayed := await self._handler.replayed([change], request):
            return replayed
        confirm = await self._logins.confirmed(current, request, field="current")
        change = replace(change, password_hash=await self._passwords.hash(new, field="new"))
        outcome = await self._handler.handle([confirm, change], request)
        kept = request.caller.session
        self._identity.drop(request.account, lambda caller: caller.session != kept)
        return outcome

    async def _open(
        self, account: UUID, changes: int, first: Sequence[Command], request: CommandRequest
    ) -> tuple[SignedIn, int]:
        """A session, together with what must happen or hold for it."""
        token = RefreshToken.of(new_id())
        opening = OpenSession(
            stream=token.session,
            account=account,
            password_changes=changes,
            refresh_token=token.kept(),
        )
        acting = _acting(request, account, token.session)
        outcome = await self._handler.handle([*first, opening], acting)
        return self._signed_in(outcome.streams[0], token), outcome.position

    async def _refreshed(self, used: RefreshToken, request: CommandRequest) -> tuple[SignedIn, int]:
        """Raises `Conflict` or `Stale` if the session changed since it was read here. The secret
        is read after the session, so that it is never older."""
        session = await self._handler.load(used.session, SESSIONS)
        stored = await self._secrets.secret(used.session, REFRESH_TOKEN)
        account = await self._identity.account_of(session)
        if stored is None or account is None or self._age(session) > self._refresh_life:
            raise _bad_token()
        acting = _acting(request, account.id, session.id)
        follower = used.next()
        commands: list[Command] = [
            ConfirmPassword(stream=account.id, password_changes=account.state.password_changes)
        ]
        match used.compared(stored):
            case "current":
                acting = replace(acting, if_match=session.version)
                kept = follower.kept(used)
                commands.append(RefreshSession(stream=session.id, refresh_token=kept))
            case "previous" if self._age(session) <= GRACE:
                follower = used.follower(stored)
            case "unknown":
                raise _bad_token()
            case _:
                await self.revoke(session.id, "reuse", acting)
                raise _bad_token()
        outcome = await self._handler.handle(commands, acting)
        return self._signed_in(outcome.streams[0], follower), outcome.position

    def _age(self, session: Stream[Session]) -> timedelta:
        """How long ago it was opened or refreshed."""
        assert session.state.used_at is not None, "it was opened"
        return self._handler.now() - session.state.used_at

    def _signed_in(self, account: Stream[Account], token: RefreshToken) -> SignedIn:
        return SignedIn(
            access_token=self._tokens.sign(account.id, token.session, self._handler.now()),
            expires_in=int(self._tokens.life.total_seconds()),
            refresh_token=token.text,
            refresh_expires_in=int(self._refresh_life.total_seconds()),
            session=token.session,
            account=account_resource(account),
        )


def _acting(request: CommandRequest, account: UUID, session: UUID) -> CommandRequest:
    """The visitor's request as that of the account. What hands out tokens is never replayed."""
    caller = replace(request.caller, account=account, session=session)
    return replace(request, caller=caller, command_id=new_id(), replayable=False, if_match=None)


def _bad_token() -> Unauthenticated:
    return Unauthenticated("the refresh token is not valid", code="refresh-token-invalid")
