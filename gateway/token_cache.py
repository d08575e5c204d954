"""Which access tokens were found good lately."""

from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

import msgspec

from events.accounts import AccountDeactivated, PasswordChanged, SessionRevoked
from events.cloud import Event
from events.envelope import Caller
from events.topics import TOPIC_OF

SECONDS = 60.0
SIZE = 100_000
ENDING = frozenset(TOPIC_OF[fact] for fact in (SessionRevoked, PasswordChanged, AccountDeactivated))

Key = tuple[str, str]  # what is good in one system need not be in another


class _Known(msgspec.Struct, frozen=True):
    caller: Caller
    expires: float
    until: float


class TokenCache:
    """Bounded in size and time; the oldest goes first. `drops` counts what ended sessions, so
    that a check that began before one does not put its token back after it."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._of_account: dict[UUID, set[Key]] = {}
        self.drops = 0

    def get(self, token: Key, now: float) -> tuple[Caller, float] | None:
        """For whom it stands, and until when."""
        known = self._known.get(token)
        if known is None:
            return None
        if known.until <= now:
            self._forget(token)
            return None
        return known.caller, known.expires

    def put(self, token: Key, caller: Caller, now: float, expires: float) -> None:
        assert caller.account is not None, "a token stands for an account"
        self._forget(token)
        self._known[token] = _Known(caller, expires, min(now + SECONDS, expires))
        self._of_account.setdefault(caller.account, set()).add(token)
        while len(self._known) > self._size:
            self._forget(next(iter(self._known)))

    def drop(self, account: UUID, ended: Callable[[Caller], bool]) -> None:
        """Those of the account's tokens whose session has ended."""
        self.drops += 1
        for token in list(self._of_account.get(account, ())):
            if ended(self._known[token].caller):
                self._forget(token)

    def on_event(self, event: Event) -> None:
        if event.topic in ENDING:
            self.drop(event.owner, lambda caller: ends(event, caller))

    def __len__(self) -> int:
        return len(self._known)

    def _forget(self, token: Key) -> None:
        known = self._known.pop(token, None)
        if known is None or known.caller.account is None:
            return
        tokens = self._of_account[known.caller.account]
        tokens.discard(token)
        if not tokens:
            del self._of_account[known.caller.account]


def ends(event: Event, caller: Caller) -> bool:
    """Whether this event ended the session in which the caller is signed in."""
    match event.fact:
        case SessionRevoked():
            return event.stream == caller.session
        case PasswordChanged(kept=kept):
            return event.owner == caller.account and kept != caller.session
        case AccountDeactivated():
            return event.owner == caller.account
        case _:
            return False
