"""Who asks Phase 3's routes, and may they ask for the user that stands in the path?"""

from litestar.di import Provide

from events.envelope import Caller
from events.refusals import Unauthenticated
from gateway.dialects import asking
from gateway.dialects.fastapi import WireRequest, detail
from gateway.dialects.phase3.words import EXPIRED, INVALID, NOT_YOURS
from gateway.identity import subject_of
from gateway.issuers import RESERVED


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account, which is the one in the path if there is one. Raises `Answer`."""
    user = request.path_params.get("user")
    if user in RESERVED:
        raise detail(404, "Not Found")
    member = await asking.member_of(request, _words)
    if user is not None and user != subject_of(member):
        raise detail(403, NOT_YOURS)
    return Caller(member.account, member.session, member.address, member.user_agent)


def user_of(request: WireRequest) -> str:
    """Of who is signed in: their id here, or in the system that vouches for them."""
    known: Caller = request.scope["state"]["signed_in"]
    return subject_of(known)


def _words(refusal: Unauthenticated) -> str:
    return EXPIRED if refusal.code == "token-expired" else INVALID


ASKING = {**asking.ASKING, "member": Provide(provide_member)}
