"""Who asks TaskFlow's routes, and what do they mean by an integer id?"""

from typing import Any

from litestar.di import Provide

from commands.base import Decider, S, Stream
from commands.handler import Handler
from events.envelope import Caller
from gateway.dialects import asking
from gateway.dialects.fastapi import WireRequest, detail, path_of, unauthenticated
from gateway.dialects.private import own

SYSTEM = "taskflow"


async def provide_member(request: WireRequest) -> Caller:
    """Raises `Answer`: 401 for each of what was 403 there, as its manual says."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise unauthenticated("Not authenticated")
    if scheme.lower() != "bearer":
        raise unauthenticated("Invalid authentication credentials")
    return await asking.provide_member(request)


async def found(
    handler: Handler, decider: Decider[S], member: Caller, number: str, *, fresh: bool = True
) -> Stream[S]:
    """What a path names, if it is the member's own. Raises `Answer`."""
    noun = decider.noun
    id: int = path_of(int, number, f"{noun}_id")
    stream = await own(handler, decider, member, id, SYSTEM, fresh=fresh)
    if stream is None:
        raise not_found(noun)
    return stream


def not_found(noun: str) -> Any:
    return detail(404, f"{noun.capitalize()} not found")


ASKING = {**asking.ASKING, "member": Provide(provide_member)}
