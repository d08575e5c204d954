"""Accounts and sessions over a real log, without HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from msgspec.structs import replace

from commands.handler import Handler
from events.accounts import SessionRevoked
from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Unauthenticated
from events.sealing import claim_keys
from gateway.auth import Auth
from gateway.logins import Logins
from gateway.passwords import Passwords
from gateway.resources.accounts import SignedIn
from gateway.tokens import AccessTokens
from infra.limits import RateLimiter, Tries
from tests.support.log import MASTER_KEY, Log

SECRET_KEY = "a secret key for tests of tokens"
PASSWORD = "correct horse battery"
REFRESH_LIFE = timedelta(days=14)


@dataclass
class Clock:
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Tail:
    late: bool = False


@dataclass
class Process:
    """What one API process has of it. `tail` is what its live tail says of itself."""

    auth: Auth
    handler: Handler
    clock: Clock
    tail: Tail


def visit(
    signed_in: SignedIn | None = None,
    *,
    address: str = "192.0.2.1",
    key: UUID | None = None,
    fingerprint: bytes = b"the same request",
) -> CommandRequest:
    """A request from this address, signed in or not; `key` makes it one that may be repeated."""
    caller = Caller(address=address, user_agent="curl/8")
    if signed_in is not None:
        caller = replace(caller, account=signed_in.account.id, session=signed_in.session)
    return CommandRequest(
        caller=caller,
        command_id=key or uuid4(),
        correlation=uuid4(),
        fingerprint=fingerprint if key else b"",
        replayable=key is not None,
    )


@asynccontextmanager
async def open_process(log: Log, *, login_limit: int = 5) -> AsyncIterator[Process]:
    clock, tail = Clock(), Tail()
    handler = Handler(
        store=log.store,
        reader=log.reader,
        appender=log.appender,
        keys=log.keys,
        claim_key=claim_keys(MASTER_KEY),
        clock=clock,
    )
    passwords = Passwords(4)
    async with RateLimiter(None) as limiter:
        logins = Logins(
            handler=handler,
            secrets=log.store,
            passwords=passwords,
            limiter=Tries(limiter),
            limit=login_limit,
            secret_key=SECRET_KEY,
        )
        auth = Auth(
            handler=handler,
            secrets=log.store,
            passwords=passwords,
            logins=logins,
            access_tokens=AccessTokens(SECRET_KEY, timedelta(minutes=15)),
            refresh_life=REFRESH_LIFE,
            tail_is_late=lambda: tail.late,
        )
        yield Process(auth, handler, clock, tail)
    passwords.close()


async def registered(
    process: Process,
    email: str = "ada@example.org",
    username: str | None = None,
    password: str = PASSWORD,
) -> SignedIn:
    tokens, _ = await process.auth.register(
        email=email,
        username=username,
        full_name="Ada Lovelace",
        password=password,
        request=visit(),
    )
    return tokens


async def refreshed(process: Process, token: str) -> SignedIn:
    tokens, _ = await process.auth.refresh(token, visit())
    return tokens


async def signed_in(process: Process, login: str, password: str = PASSWORD) -> SignedIn:
    tokens, _ = await process.auth.sign_in(login, password, visit())
    return tokens


async def is_good(process: Process, tokens: SignedIn) -> bool:
    try:
        caller = await process.auth.caller(tokens.access_token)
    except Unauthenticated:
        return False
    return (caller.account, caller.session) == (tokens.account.id, tokens.session)


async def reasons(log: Log, session: UUID) -> list[str]:
    facts = [event.fact for event in await log.reader.stream(session)]
    return [fact.reason for fact in facts if isinstance(fact, SessionRevoked)]
