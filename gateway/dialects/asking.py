"""Who asks an older system's routes, in the words that those systems had for it."""

from uuid import UUID, uuid4

from litestar.di import NamedDependency, Provide

from events.append import CommandRequest
from events.envelope import Caller
from events.refusals import Unavailable
from gateway.dialects.fastapi import WireRequest, unauthenticated
from gateway.http import provide_visitor, request_id


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account. Raises `Answer` (401), or `Unavailable`."""
    known = request.scope["state"].get("signed_in")
    if known is None or "authorization" not in request.headers:
        raise unauthenticated("Not authenticated")
    if isinstance(known, Unavailable):
        raise known
    if not isinstance(known, Caller):
        raise unauthenticated("Could not validate credentials")
    visitor = await provide_visitor(request)
    return Caller(known.account, known.session, visitor.address, visitor.user_agent)


def account_of(member: Caller) -> UUID:
    assert member.account is not None, "provide_member demands it"
    return member.account


async def provide_command(request: WireRequest, member: NamedDependency[Caller]) -> CommandRequest:
    return _command(request, member)


async def provide_visit(request: WireRequest) -> CommandRequest:
    return _command(request, await provide_visitor(request))


def _command(request: WireRequest, caller: Caller) -> CommandRequest:
    return CommandRequest(caller=caller, command_id=uuid4(), correlation=request_id(request))


ASKING = {
    "member": Provide(provide_member),
    "command": Provide(provide_command),
    "visit": Provide(provide_visit),
}
