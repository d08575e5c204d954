"""How passwords are hashed and checked."""

import asyncio
from collections.abc import Iterator

import bcrypt
import pytest

from events.refusals import Invalid, Unavailable
from gateway.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    found = Passwords(4, max_waiting=2)
    yield found
    found.close()


async def test_a_password_is_good_however_it_was_typed(passwords: Passwords) -> None:
    stored = await passwords.hash("Zo\u00eb's caf\u00e9")
    assert stored.startswith(b"bcrypt-sha256$$2b$04$")
    assert await passwords.check("Zoe\u0308's cafe\u0301", stored)
    assert not await passwords.check("Zoe's cafe", stored)


async def test_every_byte_of_a_long_password_counts(passwords: Passwords) -> None:
    stored = await passwords.hash("x" * 1023 + "y")
    assert await passwords.check("x" * 1023 + "y", stored)
    assert not await passwords.check("x" * 1024, stored)


@pytest.mark.parametrize("password", ["x" * 1025, "ä" * 513])
async def test_a_password_beyond_the_limit_names_its_field(
    passwords: Passwords, password: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await passwords.hash(password, field="new")
    assert refused.value.field == "new"


async def test_nothing_stored_costs_a_check_too(passwords: Passwords) -> None:
    """The stand-in is a hash of the same cost that nothing matches."""
    assert not await passwords.check("x", None)
    dummy = passwords._dummy.removeprefix(b"bcrypt-sha256$")
    assert not bcrypt.checkpw(b"x", dummy)
    assert dummy[:7] == bcrypt.gensalt(4)[:7]


async def test_too_many_at_once_are_told_to_come_back(passwords: Passwords) -> None:
    answers = await asyncio.gather(
        *(passwords.hash("password") for _ in range(3)), return_exceptions=True
    )
    assert [isinstance(answer, Unavailable) for answer in answers] == [False, False, True]
    assert await passwords.hash("password")
