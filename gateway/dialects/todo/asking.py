"""Who asks the Todo backend's routes, and is it the user that stands in the path?"""

from litestar.di import Provide

from events.envelope import Caller
from gateway.dialects.asking import ASKING as COMMON
from gateway.dialects.asking import member_of
from gateway.dialects.fastapi import WireRequest, detail
from gateway.dialects.todo.words import of_token
from gateway.identity import subject_of
from gateway.issuers import RESERVED


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account. Raises `Answer`; what is a word of other paths is no user."""
    if request.path_params.get("user") in RESERVED:
        raise detail(404, "Not Found")
    return await member_of(request, of_token)


def demand(member: Caller, user: str, refusal: str) -> None:
    """Raises `Answer` (403) in the route's own words for anybody else's path."""
    if user != subject_of(member):
        raise detail(403, refusal)


ASKING = {**COMMON, "member": Provide(provide_member)}
