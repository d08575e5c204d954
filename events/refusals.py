"""Why a command or a query is refused; `gateway/problems.py` maps each to HTTP once."""

from typing import Any


class Refusal(Exception):
    """Something the caller can act on. Never a fault of ours.

    `code` is stable and machine readable; `field` names the input at fault (a JSON Pointer's
    first segment, a parameter or a header); `extra` goes into the problem document as it is.
    `index` says which of several commands was refused.
    """

    code = "refused"
    index: int | None = None

    def __init__(
        self, detail: str, *, code: str | None = None, field: str | None = None, **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.field = field
        self.extra = extra


class Invalid(Refusal):
    """The request makes no sense, whoever sends it and whatever the state."""

    code = "invalid"


class Unauthenticated(Refusal):
    code = "unauthenticated"


class Forbidden(Refusal):
    """The caller may see it but not do this."""

    code = "forbidden"


class NotFound(Refusal):
    """It is not there, or the caller may not know that it is."""

    code = "not-found"


class Conflict(Refusal):
    """It makes sense but not in the current state."""

    code = "conflict"


class Stale(Refusal):
    """The caller's `If-Match` names another version than the current one."""

    code = "version-mismatch"


class TooLarge(Refusal):
    code = "too-large"


class Gone(Refusal):
    """A cursor or checkpoint of another log, or of a time no longer kept."""

    code = "log-changed"


class TooMany(Refusal):
    """The caller's share is used up; `retry_after` is in seconds."""

    code = "rate-limited"

    def __init__(self, detail: str, *, retry_after: float, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """A server behind us is away or full; nothing was done. `retry_after` is in seconds."""

    code = "unavailable"

    def __init__(self, detail: str, *, retry_after: float = 1, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after


class Reused(Refusal):
    """The idempotency key was used before with another request."""

    code = "idempotency-key-reused"
