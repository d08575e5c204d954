"""For whom does an access token stand?

Ours name an account and its session. Beside them a system may take those of other issuers, whose
people get an account when they first come, and those that the server which it replaces had
signed; `gateway/issuers.py` says which.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from commands.accounts import ACCOUNTS, Account, normal
from commands.base import Stream
from commands.handler import Handler
from commands.sessions import SESSIONS, Session
from events.cloud import Event
from events.envelope import Caller
from events.refusals import Unauthenticated
from gateway.issuers import (
    ACCEPTED,
    BETTER_AUTH,
    NATIVE,
    Accepts,
    Issuer,
    Meaning,
    subject_in,
)
from gateway.outsiders import Outsiders
from gateway.signatures import Claims, Signed, Signer, demand, header_of, invalid, signed_by
from gateway.token_cache import TokenCache
from gateway.tokens import OURS, AccessTokens


class Identity:
    """`tail_is_late` says that `on_event` may not have heard yet of what was revoked elsewhere."""

    def __init__(
        self,
        *,
        handler: Handler,
        tokens: AccessTokens,
        issuers: Sequence[Issuer],
        tail_is_late: Callable[[], bool],
    ) -> None:
        self._handler = handler
        self._tokens = tokens
        self._issuers = issuers
        self._outsiders = Outsiders(handler)
        self._tail_is_late = tail_is_late
        self._cache = TokenCache()

    async def caller(self, token: str, system: str = NATIVE) -> Caller:
        """Raises `Unauthenticated`."""
        return (await self.lasting(token, system))[0]

    async def lasting(self, token: str, system: str = NATIVE) -> tuple[Caller, float]:
        """As `caller`, and until when the token is good, in Unix seconds."""
        now = self._handler.now().timestamp()
        known = self._cache.get((system, token), now)
        if known is not None and not self._tail_is_late():
            return known
        drops = self._cache.drops
        caller, expires = await self._verified(token, system)
        if drops == self._cache.drops:
            self._cache.put((system, token), caller, now, expires)
        return caller, expires

    def on_event(self, event: Event) -> None:
        """To be told of every event, so that what was revoked elsewhere ends here."""
        self._cache.on_event(event)

    def drop(self, account: UUID, ended: Callable[[Caller], bool]) -> None:
        """What was ended here ends at once."""
        self._cache.drop(account, ended)

    async def account_of(self, session: Stream[Session]) -> Stream[Account] | None:
        """None once the session, or the account, has ended."""
        state = session.state
        if state.account is None or state.revoked:
            return None
        account = await self._handler.load(state.account, ACCOUNTS)
        lasts = (
            state.password_changes == account.state.password_changes
            or session.id == account.state.kept
        )
        return account if account.state.exists and lasts else None

    async def _verified(self, token: str, system: str) -> tuple[Caller, float]:
        accepts = ACCEPTED[system]
        signed = signed_by(await self._signers(token, system), token)
        if signed.name == OURS and (not accepts.older or signed.claims.keys() & {"sid", "dialect"}):
            return await self._in_session(signed, system)
        if signed.name == OURS or not accepts.endless:
            demand(signed.claims, ("exp",))
        subject = subject_in(signed.claims, accepts.subject)
        account = await self._account_named(subject, signed, accepts)
        return Caller(account=account, subject=subject), signed.expires

    async def _signers(self, token: str, system: str) -> Sequence[Signer]:
        header = header_of(token)
        outside = [
            signer
            for issuer in self._issuers
            if system in issuer.systems
            for signer in await issuer.signers(header)
        ]
        ours = [self._tokens.signer]
        return [*outside, *ours] if ACCEPTED[system].outside_first else [*ours, *outside]

    async def _in_session(self, signed: Signed, system: str) -> tuple[Caller, float]:
        if signed.claims.get("dialect", system) not in (system, *ACCEPTED[system].also):
            raise invalid("it was issued for another system")
        caller, expires = self._tokens.caller_in(signed)
        assert caller.session is not None, "a token of ours names its session"
        account = await self.account_of(await self._handler.load(caller.session, SESSIONS))
        if account is None or account.id != caller.account:
            raise _ended()
        return caller, expires

    async def _account_named(self, subject: str, signed: Signed, accepts: Accepts) -> UUID:
        """A token of a replaced server ends with the password that it was issued for: what such
        a server signed says nothing of when."""
        older = signed.name == OURS
        if older:
            found = await self._older(subject, accepts.older, signed.claims)
        else:
            found = await self._outsiders.account_of(signed.name, subject, signed.claims)
        if found is None:
            raise Unauthenticated("the token names no account", code="account-unknown")
        account = (await self._handler.load(found, ACCOUNTS)).state
        if not account.exists or not account.active or (older and account.password_changes):
            raise _ended()
        return found

    async def _older(
        self, subject: str, meanings: Sequence[Meaning], claims: Claims
    ) -> UUID | None:
        for meaning in meanings:
            match meaning:
                case "id":
                    found = await self._existing(subject)
                case "email":
                    found = await self._handler.claimed_by("email", normal(subject))
                case "username":
                    found = await self._handler.claimed_by("username", normal(subject))
                case "outsider":
                    found = await self._outsiders.account_of(BETTER_AUTH, subject, claims)
            if found is not None:
                return found
        return None

    async def _existing(self, subject: str) -> UUID | None:
        try:
            account = await self._handler.load(UUID(subject), ACCOUNTS)
        except ValueError:
            return None
        same = str(account.id) == subject.lower()
        return account.id if account.state.exists and same else None


def subject_of(caller: Caller) -> str:
    """The name by which a path calls its user: an account's is its id."""
    return caller.subject or str(caller.account)


def _ended() -> Unauthenticated:
    return Unauthenticated("the session has ended; sign in again", code="session-ended")
