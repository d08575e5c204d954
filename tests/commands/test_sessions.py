"""The rules of a session."""

from uuid import uuid4

import pytest

from commands.base import Secret
from commands.sessions import SESSIONS, OpenSession, RefreshSession, RevokeSession, secrets
from events.accounts import SessionOpened, SessionRefreshed, SessionRevoked
from events.envelope import Caller
from events.refusals import Conflict, NotFound
from tests.support.given import NOW, given

ADA = uuid4()
SESSION = uuid4()
OPEN = OpenSession(stream=SESSION, account=ADA, password_changes=2, refresh_token=b"kept")
OPENED = SessionOpened(account=ADA, password_changes=2)
REFRESH = RefreshSession(stream=SESSION, refresh_token=b"kept")
REVOKE = RevokeSession(stream=SESSION, reason="logout")


def test_a_session_remembers_where_it_was_opened() -> None:
    caller = Caller(account=ADA, address="192.0.2.1", user_agent="x" * 1000)
    [opened] = given(SESSIONS).when(OPEN, caller)
    assert opened == SessionOpened(
        account=ADA, password_changes=2, address="192.0.2.1", user_agent="x" * 300
    )


def test_a_session_is_opened_once_and_for_oneself() -> None:
    with pytest.raises(Conflict):
        given(SESSIONS, [OPENED]).when(OPEN, ADA)
    with pytest.raises(NotFound):
        given(SESSIONS).when(OPEN, uuid4())


def test_an_open_session_can_be_refreshed() -> None:
    session = given(SESSIONS, [OPENED])
    assert session.when(REFRESH, ADA) == [SessionRefreshed()]
    assert session.state.used_at == NOW


def test_a_revoked_session_cannot_be_refreshed() -> None:
    revoked = SessionRevoked(account=ADA, reason="logout")
    with pytest.raises(Conflict) as refused:
        given(SESSIONS, [OPENED, revoked]).when(REFRESH, ADA)
    assert refused.value.code == "session-ended"


def test_a_session_ends_once() -> None:
    revoked = SessionRevoked(account=ADA, reason="logout")
    assert given(SESSIONS, [OPENED]).when(REVOKE, ADA) == [revoked]
    assert given(SESSIONS, [OPENED, revoked]).when(REVOKE, ADA) == []


@pytest.mark.parametrize("command", [REFRESH, REVOKE])
def test_a_session_is_nobody_elses_business(command: RefreshSession | RevokeSession) -> None:
    for stranger in (uuid4(), None):
        with pytest.raises(NotFound):
            given(SESSIONS, [OPENED]).when(command, stranger)
        with pytest.raises(NotFound):
            given(SESSIONS).when(command, stranger)


def test_a_refresh_token_is_kept_beside_the_log_until_the_session_ends() -> None:
    assert secrets(OPEN) == secrets(REFRESH) == [Secret(SESSION, "refresh-token", b"kept")]
    assert secrets(REVOKE) == [Secret(SESSION, "refresh-token", None)]
