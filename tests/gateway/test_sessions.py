"""Signing in, staying signed in and being signed out, over a real log."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from commands.accounts import ACCOUNTS, ChangeProfile
from commands.workspaces import WORKSPACES
from events.ids import personal_workspace_of
from events.refusals import Conflict, Forbidden, NotFound, Refusal, Reused, TooMany, Unauthenticated
from gateway.resources.accounts import SignedIn
from tests.support.log import Log, open_log
from tests.support.signing_in import (
    PASSWORD,
    Process,
    is_good,
    open_process,
    refreshed,
    registered,
    signed_in,
    visit,
)


@pytest.fixture
async def log(database: str) -> AsyncIterator[Log]:
    async with open_log(database) as log:
        yield log


@pytest.fixture
async def process(log: Log) -> AsyncIterator[Process]:
    async with open_process(log) as process:
        yield process


async def test_whoever_registers_is_signed_in_and_at_home(process: Process) -> None:
    ada = await registered(process)
    assert await is_good(process, ada)
    home = await process.handler.load(personal_workspace_of(ada.account.id), WORKSPACES)
    assert home.state.personal
    assert home.state.members == {ada.account.id: "owner"}
    assert home.created_by == ada.account.id


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@example.ORG"])
async def test_an_email_belongs_to_one_account(process: Process, email: str) -> None:
    await registered(process)
    with pytest.raises(Conflict) as refused:
        await registered(process, email)
    assert (refused.value.code, refused.value.field) == ("email-taken", "email")
    assert email not in str(refused.value)


async def test_of_two_who_register_the_same_name_at_once_one_gets_it(process: Process) -> None:
    answers = await asyncio.gather(
        *(registered(process, f"{n}@example.org", "ada") for n in range(5)),
        return_exceptions=True,
    )
    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert refused == ["username-taken"] * 4


async def test_one_signs_in_by_email_or_username_however_written(process: Process) -> None:
    ada = await registered(process, "ada@example.org", "Ada")
    for login in ("ada@example.org", "Ada@Example.org", "ada", "ADA", " ada "):
        tokens = await signed_in(process, login)
        assert tokens.account.id == ada.account.id
        assert tokens.session != ada.session
        assert await is_good(process, tokens)


async def test_an_email_that_looks_like_a_username_hides_nobodys(process: Process) -> None:
    """Older systems took any text as an e-mail."""
    ada = await registered(process, username="ada")
    odd = await registered(process, "ada", username="eve")
    assert (await signed_in(process, "ada")).account.id == ada.account.id
    named = await registered(process, "eve@example.org", username="ada@example.org")
    assert (await signed_in(process, "ada@example.org")).account.id == ada.account.id
    for login, whose in (("ada@example.org", named), ("eve", odd)):
        tokens, _ = await process.auth.sign_in(login, PASSWORD, visit(), by=["username"])
        assert tokens.account.id == whose.account.id
    with pytest.raises(Unauthenticated):
        await process.auth.sign_in("eve@example.org", PASSWORD, visit(), by=["username"])


async def test_unknown_logins_and_wrong_passwords_are_answered_alike(process: Process) -> None:
    await registered(process)
    said = []
    for login, password in (("ada@example.org", "wrong"), ("eve@example.org", PASSWORD)):
        with pytest.raises(Unauthenticated) as refused:
            await signed_in(process, login, password)
        said.append((refused.value.code, str(refused.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize("login", ["ada@example.org", "nobody@example.org"])
async def test_the_sixth_wrong_password_has_to_wait(process: Process, login: str) -> None:
    await registered(process)
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            await signed_in(process, login, "wrong")
    with pytest.raises(TooMany) as refused:
        await signed_in(process, login)
    assert 0 < refused.value.retry_after <= 60
    other, _ = await process.auth.sign_in("ada@example.org", PASSWORD, visit(address="192.0.2.2"))
    assert await is_good(process, other)


async def test_right_passwords_are_not_counted(process: Process) -> None:
    await registered(process)
    for _ in range(7):
        await signed_in(process, "ada@example.org")


async def test_a_revoked_session_is_over_at_once(process: Process) -> None:
    ada = await registered(process)
    phone = await signed_in(process, "ada@example.org")
    assert await is_good(process, phone)
    await process.auth.revoke(phone.session, "revoked", visit(ada))
    assert not await is_good(process, phone)
    assert await is_good(process, ada)
    with pytest.raises(Unauthenticated):
        await refreshed(process, phone.refresh_token)
    assert (await process.auth.revoke(phone.session, "revoked", visit(ada))).event_count == 0


async def test_nobody_ends_the_session_of_another(process: Process) -> None:
    ada, eve = await registered(process), await registered(process, "eve@example.org")
    for stream in (ada.session, ada.account.id, personal_workspace_of(ada.account.id), uuid4()):
        with pytest.raises(NotFound):
            await process.auth.revoke(stream, "revoked", visit(eve))
    assert await is_good(process, ada)


async def test_other_processes_hear_of_it_from_the_log(log: Log, process: Process) -> None:
    ada = await registered(process)
    phone = await signed_in(process, "ada@example.org")
    async with open_process(log) as other:
        assert await is_good(other, ada)
        assert await is_good(other, phone)
        await process.auth.revoke(phone.session, "logout", visit(phone))
        assert await is_good(other, phone)  # it has not heard yet
        for event in await log.reader.stream(phone.session):
            other.auth.on_event(event)
        assert not await is_good(other, phone)
        assert await is_good(other, ada)


async def test_while_the_tail_is_late_every_token_is_checked_against_the_log(
    log: Log, process: Process
) -> None:
    ada = await registered(process)
    async with open_process(log) as other:
        assert await is_good(other, ada)
        await process.auth.revoke(ada.session, "logout", visit(ada))
        other.tail.late = True
        assert not await is_good(other, ada)


async def test_a_token_is_believed_for_a_minute_at_most(log: Log, process: Process) -> None:
    ada = await registered(process)
    async with open_process(log) as other:
        assert await is_good(other, ada)
        await process.auth.revoke(ada.session, "logout", visit(ada))
        other.clock.ahead = timedelta(seconds=61)
        assert not await is_good(other, ada)


async def test_a_new_password_ends_every_other_session(log: Log, process: Process) -> None:
    ada = await registered(process)
    phone = await signed_in(process, "ada@example.org")
    async with open_process(log) as other:
        assert await is_good(other, ada)
        assert await is_good(other, phone)
        assert await is_good(process, phone)
        await process.auth.change_password(PASSWORD, "another password", visit(ada))
        for event in await log.reader.stream(ada.account.id):
            other.auth.on_event(event)
        for each in (process, other):
            assert await is_good(each, ada)
            assert not await is_good(each, phone)
    with pytest.raises(Unauthenticated):
        await refreshed(process, phone.refresh_token)
    assert await refreshed(process, ada.refresh_token)
    with pytest.raises(Unauthenticated):
        await signed_in(process, "ada@example.org")
    assert await is_good(process, await signed_in(process, "ada@example.org", "another password"))


async def test_a_password_changed_while_somebody_signs_in_lets_nobody_in(
    log: Log, process: Process
) -> None:
    """Whatever the order, no session opened by the old password outlives the change."""
    ada = await registered(process)
    async with open_process(log, login_limit=100) as other:
        changing = process.auth.change_password(PASSWORD, "another password", visit(ada))
        answers, *_ = await asyncio.gather(
            asyncio.gather(
                *(signed_in(other, "ada@example.org") for _ in range(10)), return_exceptions=True
            ),
            changing,
        )
        for answer in answers:
            if isinstance(answer, SignedIn):
                assert not await is_good(process, answer)
            else:
                assert isinstance(answer, Unauthenticated | Conflict)


async def test_a_change_of_email_or_password_takes_the_password(process: Process) -> None:
    ada = await registered(process)
    with pytest.raises(Forbidden) as refused:
        await process.auth.change_email("king@example.org", "wrong", visit(ada))
    assert (refused.value.code, refused.value.field) == ("wrong-password", "password")
    with pytest.raises(Forbidden) as refused:
        await process.auth.change_password("wrong", "another password", visit(ada))
    assert (refused.value.code, refused.value.field) == ("wrong-password", "current")
    await process.auth.change_email("king@example.org", PASSWORD, visit(ada))
    assert await signed_in(process, "king@example.org")
    with pytest.raises(Unauthenticated):
        await signed_in(process, "ada@example.org")
    assert await registered(process, "ada@example.org")


async def test_a_repeated_change_of_password_is_answered_as_before(process: Process) -> None:
    ada, key = await registered(process), uuid4()
    first = await process.auth.change_password(PASSWORD, "another password", visit(ada, key=key))
    again = await process.auth.change_password(PASSWORD, "another password", visit(ada, key=key))
    assert again.replayed
    assert again.position == first.position
    other = visit(ada, key=key, fingerprint=b"another request")
    with pytest.raises(Reused):
        await process.auth.change_password(PASSWORD, "a third password", other)


async def test_fingerprints_of_requests_with_passwords_say_nothing(
    log: Log, process: Process
) -> None:
    ada, key = await registered(process), uuid4()
    await process.auth.change_email("king@example.org", PASSWORD, visit(ada, key=key))
    record = await log.store.command(key)
    assert record is not None
    assert len(record.fingerprint) == 32
    assert record.fingerprint != b"the same request"


async def test_an_erased_account_is_signed_out(log: Log, process: Process) -> None:
    ada = await registered(process)
    assert await is_good(process, ada)
    await log.execute(
        "DELETE FROM secrets WHERE owner = $1 AND kind = 'sealing-key'", ada.account.id
    )
    log.keys.forget(ada.account.id)
    async with open_process(log) as other:
        assert not await is_good(other, ada)
        with pytest.raises(Unauthenticated):
            await signed_in(other, "ada@example.org")
        with pytest.raises(Unauthenticated):
            await refreshed(other, ada.refresh_token)


async def test_a_profile_changes_by_name(process: Process) -> None:
    ada = await registered(process, username="ada")
    await registered(process, "eve@example.org", "eve")
    change = ChangeProfile(stream=ada.account.id, username="king")
    outcome = await process.handler.handle([change], visit(ada))
    assert outcome.stream.state.username == "king"
    taken = ChangeProfile(stream=ada.account.id, username="EVE")
    with pytest.raises(Conflict) as refused:
        await process.handler.handle([taken], visit(ada))
    assert refused.value.code == "username-taken"
    account = await process.handler.load(ada.account.id, ACCOUNTS)
    assert account.version == 2
