"""Who comes with a token of others: what it says of them, and the one account that is theirs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from commands.accounts import ACCOUNTS
from commands.workspaces import WORKSPACES
from events.accounts import AccountRegistered, IdentityLinked
from events.ids import personal_workspace_of
from events.refusals import Unauthenticated
from gateway.issuers import ACCEPTED, RESERVED, subject_in
from gateway.outsiders import Outsiders, email_of, name_of
from infra.settings import DIALECTS
from tests.support.log import Log, open_log
from tests.support.signing_in import Process, open_process, registered

ADA = {"email": "ada@example.org", "name": "Ada Lovelace"}


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def processes(log: Log) -> AsyncIterator[tuple[Process, Process]]:
    """Two, that know nothing of each other."""
    async with open_process(log) as one, open_process(log) as other:
        yield one, other


async def facts_of(log: Log, kind: type[Any]) -> list[Any]:
    return [e.fact for e in await log.reader.after(0) if isinstance(e.fact, kind)]


async def test_an_account_begins_with_a_workspace_and_without_a_password(
    log: Log, processes: tuple[Process, Process]
) -> None:
    handler = processes[0].handler
    account = await Outsiders(handler).account_of("better-auth", "kW3x9", ADA)
    state = (await handler.load(account, ACCOUNTS)).state
    assert (state.email, state.username, state.full_name) == ("ada@example.org", None, ADA["name"])
    assert state.identities == {("better-auth", "kW3x9")}
    space = await handler.load(personal_workspace_of(account), WORKSPACES)
    assert (space.state.personal, space.state.members) == (True, {account: "owner"})
    assert await log.store.secret(account, "password") is None


async def test_it_begins_once_in_however_many_processes(
    log: Log, processes: tuple[Process, Process]
) -> None:
    asking = [
        Outsiders(process.handler).account_of("better-auth", "kW3x9", ADA)
        for process in processes * 10
    ]
    [account] = set(await asyncio.gather(*asking))
    assert await facts_of(log, IdentityLinked) == [IdentityLinked("better-auth", "kW3x9")]
    assert len(await facts_of(log, AccountRegistered)) == 1
    again = await Outsiders(processes[0].handler).account_of("better-auth", "kW3x9", {})
    assert again == account


async def test_an_email_goes_to_who_is_first(log: Log, processes: tuple[Process, Process]) -> None:
    asking = [
        Outsiders(processes[number % 2].handler).account_of("better-auth", f"user {number}", ADA)
        for number in range(6)
    ]
    assert len(set(await asyncio.gather(*asking))) == 6
    emails = [fact.email for fact in await facts_of(log, AccountRegistered)]
    assert sorted(emails) == ["", "", "", "", "", "ada@example.org"]


async def test_an_equal_email_links_nobody(processes: tuple[Process, Process]) -> None:
    process = processes[0]
    theirs = await registered(process, email="Ada@Example.org")
    account = await Outsiders(process.handler).account_of("better-auth", "kW3x9", ADA)
    assert account != theirs.account.id
    assert (await process.handler.load(account, ACCOUNTS)).state.email == ""


async def test_the_same_name_at_another_issuer_is_somebody_else(
    processes: tuple[Process, Process],
) -> None:
    outsiders = Outsiders(processes[0].handler)
    found: set[UUID] = set()
    for issuer, subject in (("a", "ada"), ("b", "ada"), ("a", "Ada"), ("a", "ada ")):
        found.add(await outsiders.account_of(issuer, subject, {}))
    assert len(found) == 4


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        (ADA, "ada@example.org"),
        ({**ADA, "email_verified": True}, "ada@example.org"),
        ({**ADA, "email_verified": False}, ""),
        ({"email": " ada@Example.ORG "}, "ada@example.org"),
        ({"email": "ada"}, ""),
        ({"email": ""}, ""),
        ({"email": ["ada@example.org"]}, ""),
        ({"email": "ada@example.org\0"}, ""),
        ({"email": "\ud800@example.org"}, ""),
        ({}, ""),
    ],
)
def test_an_email_is_taken_if_it_is_one(claims: Mapping[str, Any], email: str) -> None:
    assert email_of(claims) == email


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        (" Ada \u202e Love\nlace ", "Ada Lovelace"),
        ("x" * 300, "x" * 255),
        ("", "kW3x9"),
        ("\u200b", "kW3x9"),
        ("\ud800", "kW3x9"),
        (None, "kW3x9"),
        ({}, "kW3x9"),
    ],
)
def test_a_name_is_one_line_that_can_be_seen(name: Any, shown: str) -> None:
    assert name_of({"name": name}, "kW3x9") == shown


def test_the_first_claim_that_says_something_names_the_subject() -> None:
    assert subject_in({"sub": "a", "user_id": "b"}, ("sub", "user_id")) == "a"
    assert subject_in({"sub": "", "user_id": "b"}, ("sub", "user_id")) == "b"
    for claims in ({}, {"sub": ""}, {"sub": None}, {"user_id": "b"}):
        with pytest.raises(Unauthenticated) as refused:
            subject_in(claims, ("sub",))
        assert refused.value.code == "subject-missing"


@pytest.mark.parametrize("subject", [*sorted(RESERVED), 7, ["a"], "a\0b", "a\nb", "\ud800"])
def test_not_every_subject_can_be_somebody(subject: Any) -> None:
    with pytest.raises(Unauthenticated) as refused:
        subject_in({"sub": subject}, ("sub",))
    assert refused.value.code == "token-invalid"


def test_it_is_said_of_every_system_what_it_takes() -> None:
    assert ACCEPTED.keys() == {"v1", *DIALECTS}
