"""The rules of an account."""

from uuid import uuid4

import pytest

from commands.accounts import (
    ACCOUNTS,
    ChangeEmail,
    ChangePassword,
    ChangeProfile,
    ConfirmPassword,
    DeactivateAccount,
    DisableAccount,
    EnableAccount,
    ReactivateAccount,
    RegisterAccount,
    claims,
    normal,
    secrets,
)
from commands.base import Claim, Command, Secret
from events.accounts import (
    AccountDeactivated,
    AccountReactivated,
    AccountRegistered,
    EmailChanged,
    PasswordChanged,
    ProfileChanged,
)
from events.envelope import Caller
from events.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.support.given import given

ADA = uuid4()
SESSION = uuid4()
REGISTERED = AccountRegistered(email="Ada@example.org", username="ada", full_name="Ada Lovelace")
ADA_EXISTS = given(ACCOUNTS, [REGISTERED])


def test_whoever_registers_has_an_account() -> None:
    command = RegisterAccount(
        stream=ADA, email="Ada@example.org", username="ada", full_name="Ada Lovelace"
    )
    assert given(ACCOUNTS).when(command, ADA) == [REGISTERED]


def test_an_account_is_registered_once() -> None:
    command = RegisterAccount(stream=ADA, email="b@example.org", full_name="B")
    with pytest.raises(Conflict):
        ADA_EXISTS.when(command, ADA)


@pytest.mark.parametrize(
    "command",
    [
        ChangeProfile(stream=ADA, full_name="Eve"),
        ChangeEmail(stream=ADA, email="eve@example.org"),
        ChangePassword(stream=ADA, password_hash=b"eve"),
        ConfirmPassword(stream=ADA, password_changes=0),
        DeactivateAccount(stream=ADA),
        ReactivateAccount(stream=ADA),
    ],
)
def test_an_account_is_nobody_elses_business(command: Command) -> None:
    with pytest.raises(NotFound):
        ADA_EXISTS.when(command, uuid4())
    with pytest.raises(NotFound):
        ADA_EXISTS.when(command, None)
    with pytest.raises(NotFound):
        given(ACCOUNTS).when(command, ADA)


def test_only_what_changes_in_a_profile_is_recorded() -> None:
    command = ChangeProfile(stream=ADA, full_name="Ada King", username="ada")
    assert ADA_EXISTS.when(command, ADA) == [ProfileChanged(full_name="Ada King")]


def test_a_username_can_be_given_up() -> None:
    command = ChangeProfile(stream=ADA, username=None)
    assert ADA_EXISTS.when(command, ADA) == [ProfileChanged(username=None)]
    assert given(ACCOUNTS, [REGISTERED, ProfileChanged(username=None)]).state.username is None


def test_a_profile_tells_where_somebody_lives_and_what_they_read() -> None:
    command = ChangeProfile(stream=ADA, time_zone="Europe/London", locale="EN-gb")
    moved = ProfileChanged(time_zone="Europe/London", locale="en-GB")
    assert ADA_EXISTS.when(command, ADA) == [moved]
    settled = given(ACCOUNTS, [REGISTERED, moved])
    assert settled.when(command, ADA) == []
    assert settled.when(ChangeProfile(stream=ADA, time_zone=None), ADA) == [
        ProfileChanged(time_zone=None)
    ]


@pytest.mark.parametrize(
    ("change", "field"), [({"time_zone": "Mars/Base"}, "time_zone"), ({"locale": "e"}, "locale")]
)
def test_a_profile_names_no_place_or_language_that_is_none(
    change: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ADA_EXISTS.when(ChangeProfile(stream=ADA, **change), ADA)
    assert refused.value.field == field


def test_a_profile_that_stays_the_same_records_nothing() -> None:
    assert ADA_EXISTS.when(ChangeProfile(stream=ADA, full_name="Ada Lovelace"), ADA) == []
    assert ADA_EXISTS.when(ChangeProfile(stream=ADA), ADA) == []
    assert ADA_EXISTS.when(ChangeEmail(stream=ADA, email="Ada@example.org"), ADA) == []


def test_an_account_is_deactivated_and_reactivated_once() -> None:
    deactivated = given(ACCOUNTS, [REGISTERED, AccountDeactivated()])
    assert ADA_EXISTS.when(DeactivateAccount(stream=ADA), ADA) == [AccountDeactivated()]
    assert ADA_EXISTS.when(ReactivateAccount(stream=ADA), ADA) == []
    assert deactivated.when(DeactivateAccount(stream=ADA), ADA) == []
    assert deactivated.when(ReactivateAccount(stream=ADA), ADA) == [AccountReactivated()]


def test_no_password_opens_an_account_that_is_deactivated() -> None:
    deactivated = [REGISTERED, AccountDeactivated()]
    right = ConfirmPassword(stream=ADA, password_changes=1)
    with pytest.raises(Forbidden) as refused:
        given(ACCOUNTS, deactivated).when(right, ADA)
    assert refused.value.code == "account-deactivated"
    assert given(ACCOUNTS, [*deactivated, AccountReactivated()]).when(right, ADA) == []


def test_only_an_operator_disables_and_enables() -> None:
    disable, enable = DisableAccount(stream=ADA), EnableAccount(stream=ADA)
    locked = AccountDeactivated(locked=True)
    disabled = given(ACCOUNTS, [REGISTERED, locked])
    assert ADA_EXISTS.when(disable, None) == [locked]
    assert ADA_EXISTS.when(enable, None) == disabled.when(disable, None) == []
    assert disabled.when(enable, None) == [AccountReactivated()]
    own = given(ACCOUNTS, [REGISTERED, AccountDeactivated()])
    assert own.when(disable, None) == [locked]
    assert own.when(enable, None) == [AccountReactivated()]
    for command in (disable, enable):
        with pytest.raises(NotFound):
            ADA_EXISTS.when(command, ADA)
        with pytest.raises(NotFound):
            given(ACCOUNTS).when(command, None)


def test_who_was_disabled_cannot_come_back_by_themselves() -> None:
    disabled = given(ACCOUNTS, [REGISTERED, AccountDeactivated(locked=True)])
    for command in (
        ReactivateAccount(stream=ADA),
        ConfirmPassword(stream=ADA, password_changes=1),
    ):
        with pytest.raises(Forbidden) as refused:
            disabled.when(command, ADA)
        assert refused.value.code == "account-disabled"
    enabled = given(ACCOUNTS, [REGISTERED, AccountDeactivated(locked=True), AccountReactivated()])
    assert enabled.when(ConfirmPassword(stream=ADA, password_changes=1), ADA) == []


def test_a_deactivation_ends_the_kept_session_too_and_for_good() -> None:
    facts = [REGISTERED, PasswordChanged(kept=SESSION), AccountDeactivated(), AccountReactivated()]
    state = given(ACCOUNTS, facts).state
    assert (state.password_changes, state.kept) == (2, None)


def test_the_names_of_a_deactivated_account_stay_taken() -> None:
    state = given(ACCOUNTS, [REGISTERED]).state
    assert claims(state, AccountDeactivated()) == claims(state, AccountReactivated()) == []


def test_a_changed_password_keeps_the_session_it_was_changed_in() -> None:
    caller = Caller(account=ADA, session=SESSION)
    facts = ADA_EXISTS.when(ChangePassword(stream=ADA, password_hash=b"x"), caller)
    assert facts == [PasswordChanged(kept=SESSION)]
    assert given(ACCOUNTS, [REGISTERED, *facts]).state.password_changes == 1


def test_a_password_checked_before_it_changed_confirms_nothing() -> None:
    changed = given(ACCOUNTS, [REGISTERED, PasswordChanged()])
    assert changed.when(ConfirmPassword(stream=ADA, password_changes=1), ADA) == []
    with pytest.raises(Conflict) as refused:
        changed.when(ConfirmPassword(stream=ADA, password_changes=0), ADA)
    assert refused.value.code == "password-changed"


def test_email_and_username_are_claimed_however_they_are_written() -> None:
    assert claims(ACCOUNTS.initial, REGISTERED) == [
        Claim("email", "ada@example.org"),
        Claim("username", "ada"),
    ]
    assert normal("ＡＤＡ@Example.ORG") == normal("ada@example.org")
    assert normal("Straße") == normal("STRASSE")


def test_a_new_email_lets_go_of_the_old_one() -> None:
    state = ADA_EXISTS.state
    assert claims(state, EmailChanged(email="king@example.org")) == [
        Claim("email", "ada@example.org", release=True),
        Claim("email", "king@example.org"),
    ]
    assert claims(state, EmailChanged(email="ADA@example.org")) == []


def test_a_new_username_lets_go_of_the_old_one() -> None:
    state = ADA_EXISTS.state
    assert claims(state, ProfileChanged(username="king")) == [
        Claim("username", "ada", release=True),
        Claim("username", "king"),
    ]
    assert claims(state, ProfileChanged(username=None)) == [Claim("username", "ada", release=True)]
    assert claims(state, ProfileChanged(full_name="Ada King")) == []


def test_a_password_goes_beside_the_log_and_only_there() -> None:
    kept = [Secret(ADA, "password", b"hash")]
    assert secrets(ChangePassword(stream=ADA, password_hash=b"hash")) == kept
    registering = RegisterAccount(
        stream=ADA, email="a@example.org", full_name="A", password_hash=b"hash"
    )
    assert secrets(registering) == kept
    assert "hash" not in repr(given(ACCOUNTS).when(registering, ADA))
    assert secrets(ChangeEmail(stream=ADA, email="b@example.org")) == []
