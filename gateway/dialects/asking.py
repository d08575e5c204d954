"""Who asks an older system's routes, in the words that those systems had for it."""

from collections.abc import Callable
from uuid import UUID

from litestar.di import NamedDependency, Provide
from msgspec.structs import replace

from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id
from events.refusals import Unauthenticated
from gateway.dialects.fastapi import WireRequest, unauthenticated
from gateway.http import provide_visitor, request_id


async def provide_member(request: WireRequest) -> Caller:
    """The signed-in account. Raises `Answer` (401), or what kept us from looking."""
    return await member_of(request, lambda refusal: "Could not validate credentials")


async def member_of(request: WireRequest, words: Callable[[Unauthenticated], str]) -> Caller:
    """As `provide_member`, in the system's own words for a token that is not good."""
    known = request.scope["state"].get("signed_in")
    if known is None or _names_no_token(known):
        raise unauthenticated("Not authenticated")
    if isinstance(known, Unauthenticated):
        raise unauthenticated(words(known))
    if not isinstance(known, Caller):
        raise known
    visitor = await provide_visitor(request)
    return replace(known, address=visitor.address, user_agent=visitor.user_agent)


def account_of(member: Caller) -> UUID:
    assert member.account is not None, "provide_member demands it"
    return member.account


async def provide_command(request: WireRequest, member: NamedDependency[Caller]) -> CommandRequest:
    return _command(request, member)


async def provide_visit(request: WireRequest) -> CommandRequest:
    return _command(request, await provide_visitor(request))


def _names_no_token(known: object) -> bool:
    return isinstance(known, Unauthenticated) and known.code == Unauthenticated.code


def _command(request: WireRequest, caller: Caller) -> CommandRequest:
    return CommandRequest(caller=caller, command_id=new_id(), correlation=request_id(request))


ASKING = {
    "member": Provide(provide_member),
    "command": Provide(provide_command),
    "visit": Provide(provide_visit),
}
