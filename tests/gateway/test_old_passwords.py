"""Passwords hashed by older systems are good, and hashed anew once their owner signs in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import bcrypt
import pytest
from msgspec.structs import replace

from commands.accounts import PASSWORD, RegisterAccount
from commands.workspaces import CreateWorkspace
from events.envelope import Caller
from events.ids import new_id, personal_workspace_of
from events.refusals import Unauthenticated
from gateway.passwords import Passwords
from tests.support.log import Log, open_log
from tests.support.signing_in import Process, open_process, registered, signed_in, visit

# Published test vectors: OpenBSD's of bcrypt, and the example of passlib's manual.
BCRYPT = "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
PASSLIB = b"$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk"


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords(4)
    yield found
    found.close()


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def process(log: Log) -> AsyncIterator[Process]:
    async with open_process(log) as process:
        yield process


@pytest.mark.parametrize("kind", ["2a", "2b", "2y"])
async def test_bcrypt_of_the_password_itself_is_checked(passwords: Passwords, kind: str) -> None:
    stored = f"bcrypt$${kind}${BCRYPT}".encode()
    assert await passwords.check("U*U", stored)
    assert not await passwords.check("U*V", stored)


async def test_bcrypt_knew_72_bytes_of_a_password(passwords: Passwords) -> None:
    stored = b"bcrypt$" + bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4))
    assert await passwords.check("x" * 72 + "whatever", stored)
    assert not await passwords.check("x" * 71 + "y", stored)


async def test_a_password_that_bcrypt_never_took_is_wrong(passwords: Passwords) -> None:
    stored = b"bcrypt$" + bcrypt.hashpw(b"secret", bcrypt.gensalt(4))
    assert not await passwords.check("secret\0more", stored)


async def test_passlibs_pbkdf2_is_checked(passwords: Passwords) -> None:
    assert await passwords.check("toomanysecrets", b"pbkdf2_sha256$" + PASSLIB)
    assert not await passwords.check("toomanysecret", b"pbkdf2_sha256$" + PASSLIB)


async def test_a_damaged_hash_matches_nothing(passwords: Passwords) -> None:
    for kept in (b"", b"$pbkdf2-sha256$x$y$z", b"$pbkdf2-sha256$29000$N2YM$", PASSLIB[:-3]):
        assert not await passwords.check("toomanysecrets", b"pbkdf2_sha256$" + kept)
    assert not await passwords.check("U*U", b"bcrypt$$2b$05$short")


async def test_a_hash_of_nobody_is_an_error_and_no_wrong_password(passwords: Passwords) -> None:
    with pytest.raises(ValueError, match="scheme"):
        await passwords.check("secret", b"rot13$frperg")


async def test_who_signs_in_has_the_password_hashed_anew(log: Log, process: Process) -> None:
    account = await _imported(process, b"pbkdf2_sha256$" + PASSLIB)
    with pytest.raises(Unauthenticated):
        await signed_in(process, "ada@example.org", "toomanysecret")
    assert await log.store.secret(account, PASSWORD) == b"pbkdf2_sha256$" + PASSLIB
    await signed_in(process, "ada@example.org", "toomanysecrets")
    kept = await log.store.secret(account, PASSWORD)
    assert kept is not None
    assert kept.startswith(b"bcrypt-sha256$")
    await signed_in(process, "ada@example.org", "toomanysecrets")
    assert await log.store.secret(account, PASSWORD) == kept, "once is enough"


async def test_hashing_anew_neither_ends_a_session_nor_tells_anybody(
    log: Log, process: Process
) -> None:
    account = await _imported(process, b"bcrypt$$2a$" + BCRYPT.encode())
    both = await asyncio.gather(*(signed_in(process, "ada@example.org", "U*U") for _ in range(2)))
    third = await signed_in(process, "ada@example.org", "U*U")
    for tokens in (*both, third):
        assert (await process.auth.caller(tokens.access_token)).account == account
    assert [event.topic for event in await log.reader.stream(account)] == ["account.registered"]


async def test_an_old_password_is_right_where_one_is_confirmed(log: Log, process: Process) -> None:
    account = await _imported(process, b"bcrypt$$2a$" + BCRYPT.encode())
    tokens = await signed_in(process, "ada@example.org", "U*U")
    await process.auth.change_password("U*U", "a new password", visit(tokens))
    await signed_in(process, "ada@example.org", "a new password")
    assert account == tokens.account.id


async def test_our_own_hash_stays_as_it_is(log: Log, process: Process) -> None:
    tokens = await registered(process)
    before = await log.store.secret(tokens.account.id, PASSWORD)
    await signed_in(process, "ada@example.org")
    assert await log.store.secret(tokens.account.id, PASSWORD) == before


async def _imported(process: Process, stored: bytes) -> UUID:
    """As an importer leaves it: the account with the hash that it brought."""
    account = new_id()
    register = RegisterAccount(
        stream=account, email="ada@example.org", full_name="Ada", password_hash=stored
    )
    home = CreateWorkspace(
        stream=personal_workspace_of(account), owner=account, name="Personal", personal=True
    )
    request = visit()
    caller = Caller(account=account)
    await process.handler.handle([register, home], replace(request, caller=caller))
    return account
