"""Is this token good? Its README promised that route; no version of it had one."""

from typing import Any

from litestar import post
from litestar.di import NamedDependency

from events.refusals import Unauthenticated
from gateway.auth import Auth
from gateway.dialects.asking import member_of
from gateway.dialects.fastapi import WireRequest, body_of, unauthenticated
from gateway.dialects.todo.wire import Verification
from gateway.dialects.todo.words import NOT_AUTHENTICATED, of_token
from gateway.identity import subject_of
from gateway.signatures import claims_in


@post("/api/auth/verify", status_code=200)
async def verify(request: WireRequest, auth: NamedDependency[Auth]) -> dict[str, Any]:
    """The token is in the header or, where there is none, in the body. What it does not say is
    null, and so is an e-mail that is no text that can be shown."""
    if "authorization" in request.headers:
        member = await member_of(request, of_token)
        token = request.headers["authorization"].partition(" ")[2]
    else:
        token = await _in_body(request)
        try:
            member = await auth.caller(token, "todo")
        except Unauthenticated as refusal:
            raise unauthenticated(of_token(refusal)) from None
    claims = claims_in(token)
    email, exp = claims.get("email"), claims.get("exp")
    return {
        "valid": True,
        "user_id": subject_of(member),
        "email": email if isinstance(email, str) and email.isprintable() else None,
        "exp": int(exp) if isinstance(exp, str) else exp,  # a number all the same
    }


async def _in_body(request: WireRequest) -> str:
    if not await request.body():
        raise unauthenticated(NOT_AUTHENTICATED)
    token = (await body_of(request, Verification)).token
    if not token:
        raise unauthenticated(NOT_AUTHENTICATED)
    return token
