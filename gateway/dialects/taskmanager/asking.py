"""Who asks Task Manager's routes, and in which words nobody does."""

from litestar.di import Provide

from events.envelope import Caller
from events.refusals import Unauthenticated, Unavailable
from gateway.dialects.asking import ASKING as COMMON
from gateway.dialects.fastapi import Answer, WireRequest, unauthenticated
from gateway.http import provide_visitor

WORDS = {
    "unauthenticated": "Not authenticated",
    "subject-missing": "Invalid token payload",
    "account-unknown": "User not found",
}


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account. Raises `Answer` (401), or `Unavailable`."""
    known = request.scope["state"].get("signed_in")
    if isinstance(known, Unavailable):
        raise known
    if not isinstance(known, Caller):
        raise nobody(known)
    visitor = await provide_visitor(request)
    return Caller(known.account, known.session, visitor.address, visitor.user_agent)


def nobody(why: Exception | None) -> Answer:
    """Why a token is not good, as far as its clients were told."""
    if why is None:
        return unauthenticated("Not authenticated")
    code = why.code if isinstance(why, Unauthenticated) else ""
    return unauthenticated(WORDS.get(code, "Invalid or expired token"))


ASKING = {**COMMON, "member": Provide(provide_member)}
