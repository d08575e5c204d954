"""Why does a stream end, and how is the client told?"""

from collections.abc import Mapping

import msgspec

from events import refusals
from events.refusals import Refusal

NORMAL, PROTOCOL, NO_TEXT, TOO_BIG = 1000, 1002, 1007, 1009
INTERNAL, RESTART, LATER = 1011, 1012, 1013
MAX_REASON = 123

# RFC 6455 leaves 4000 to 4999 to applications; ours are 4000 + what HTTP would say.
CLOSE_CODES: Mapping[int, str] = {
    NORMAL: "You closed it.",
    PROTOCOL: "Your frames are none of a WebSocket.",
    NO_TEXT: "Your message was no UTF-8.",
    TOO_BIG: "Your message was too large.",
    INTERNAL: "A fault of ours, or a ping that you did not answer. Connect again.",
    RESTART: "The server restarts. Connect again, from `position`.",
    LATER: "A server behind us is away. Connect again in a second.",
    4400: "The query or a message cannot be understood; `field` names what.",
    4401: "No token, a bad one, one that ran out, or the session ended. Sign in, connect again.",
    4404: "There is no such workspace, or you may not know of it.",
    4408: "You read more slowly than things happen. Connect again, from `position`.",
    4410: "`after` is of another log. Read everything anew, then connect without it.",
    4429: "Too many messages.",
}
_BY_REFUSAL: Mapping[type[Refusal], int] = {
    refusals.Invalid: 4400,
    refusals.Unauthenticated: 4401,
    refusals.NotFound: 4404,
    refusals.Gone: 4410,
    refusals.TooMany: 4429,
    refusals.Unavailable: LATER,
}


class Closing(msgspec.Struct, frozen=True, omit_defaults=True):
    """`name` is stable; `position` is where to resume, absent if the stream never began."""

    code: int
    name: str
    field: str | None = None
    position: int | None = None

    @property
    def reason(self) -> bytes:
        """JSON, as short as a close frame demands."""
        members = {"code": self.name, "position": self.position, "field": self.field}
        given = {name: value for name, value in members.items() if value is not None}
        while len(reason := msgspec.json.encode(given)) > MAX_REASON:
            given.popitem()
        return reason


SLOW = Closing(4408, "slow-client")
EXPIRED = Closing(4401, "token-expired")
ENDED = Closing(4401, "session-ended")
RESTARTING = Closing(RESTART, "restart")
LOG_CHANGED = Closing(4410, "log-changed")
FAILED = Closing(INTERNAL, "internal-error")
LEFT = Closing(NORMAL, "left")


def closing_of(refusal: Refusal) -> Closing:
    field = refusal.field
    return Closing(_BY_REFUSAL.get(type(refusal), 4400), refusal.code, field and field[:40])
