"""What each event does to an account and its sessions."""

from datetime import timedelta

from events.accounts import (
    AccountDeactivated,
    AccountReactivated,
    AccountRegistered,
    EmailChanged,
    PasswordChanged,
    ProfileChanged,
    SessionOpened,
    SessionRefreshed,
    SessionRevoked,
)
from events.base import Fact
from events.envelope import Erased
from events.ids import new_id
from projections.accounts import ACCOUNTS, AccountView, SessionView
from tests.support.projections import NOON, fold_rows, story

REGISTERED = AccountRegistered(email="ada@example.org", username="ada", full_name="Ada")


def account_after(*facts: Fact) -> AccountView:
    (account,) = fold_rows(ACCOUNTS, story(REGISTERED, *facts))["accounts"]
    assert isinstance(account, AccountView)
    return account


def session_after(*facts: Fact) -> SessionView:
    opened = SessionOpened(account=new_id(), password_changes=2, address="::1", user_agent="curl")
    (session,) = fold_rows(ACCOUNTS, story(opened, *facts))["sessions"]
    assert isinstance(session, SessionView)
    return session


def test_an_account_is_shown_as_it_registered() -> None:
    account = account_after()
    assert (account.email, account.username, account.full_name) == ("ada@example.org", "ada", "Ada")
    assert (account.registered_at, account.version, account.password_changes) == (NOON, 1, 0)


def test_a_profile_change_sets_what_it_names() -> None:
    assert account_after(ProfileChanged(username=None)).username is None
    assert account_after(ProfileChanged(full_name="A. L.")).username == "ada"
    moved = account_after(ProfileChanged(time_zone="Asia/Tokyo"), ProfileChanged(locale="ja"))
    assert (moved.time_zone, moved.locale) == ("Asia/Tokyo", "ja")
    assert account_after().time_zone is None


def test_a_deactivated_account_shows_since_when() -> None:
    deactivated = account_after(AccountDeactivated())
    assert deactivated.deactivated_at == NOON + timedelta(hours=1)
    assert (deactivated.password_changes, deactivated.kept) == (1, None)
    assert account_after(AccountDeactivated(), AccountReactivated()).deactivated_at is None


def test_an_account_shows_its_latest_email() -> None:
    account = account_after(EmailChanged(email="new@example.org"))
    assert (account.email, account.version) == ("new@example.org", 2)
    assert account.updated_at == NOON + timedelta(hours=1)


def test_password_changes_are_counted_and_name_the_session_kept() -> None:
    kept = new_id()
    account = account_after(PasswordChanged(), PasswordChanged(kept=kept))
    assert (account.password_changes, account.kept) == (2, kept)


def test_an_erased_account_is_not_shown() -> None:
    events = story(Erased("account.registered"), Erased("account.email_changed"))
    assert fold_rows(ACCOUNTS, events)["accounts"] == []


def test_a_session_knows_where_it_was_opened_and_when_it_was_used() -> None:
    session = session_after(SessionRefreshed())
    assert (session.address, session.user_agent, session.password_changes) == ("::1", "curl", 2)
    assert (session.opened_at, session.refreshed_at) == (NOON, NOON + timedelta(hours=1))
    assert session.revoked_at is None


def test_a_revoked_session_says_when_and_why() -> None:
    session = session_after(SessionRevoked(account=new_id(), reason="reuse"))
    assert (session.revoked_at, session.reason) == (NOON + timedelta(hours=1), "reuse")
