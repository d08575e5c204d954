"""Who asks Task Manager's routes, and in which words nobody does."""

from litestar.di import Provide

from events.envelope import Caller
from events.refusals import Unauthenticated
from gateway.dialects.asking import ASKING as COMMON
from gateway.dialects.asking import member_of
from gateway.dialects.fastapi import WireRequest

WORDS = {
    "subject-missing": "Invalid token payload",
    "account-unknown": "User not found",
}


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account. Raises `Answer` (401), or what kept us from looking."""
    return await member_of(request, of_token)


def of_token(refusal: Unauthenticated) -> str:
    """Why a token is not good, as far as its clients were told."""
    return WORDS.get(refusal.code, "Invalid or expired token")


ASKING = {**COMMON, "member": Provide(provide_member)}
