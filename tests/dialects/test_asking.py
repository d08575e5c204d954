"""Whom a dialect's routes take for signed in, and what they say to all others."""

from typing import Any

import pytest
from litestar import Request

from events.envelope import Caller
from events.ids import new_id
from events.refusals import Unauthenticated, Unavailable
from gateway.dialects import asking
from gateway.dialects.fastapi import Answer
from gateway.dialects.taskmanager import asking as taskmanager
from gateway.dialects.todo import asking as todo

PROVIDERS = [asking.provide_member, taskmanager.provide_member, todo.provide_member]
every_provider = pytest.mark.parametrize("provide", PROVIDERS)


def request(signed_in: Caller | Exception | None) -> Request[Any, Any, Any]:
    """As the edge passes it on."""
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "path_params": {},
        "headers": [(b"user-agent", b"curl/8")],
        "client": ("192.0.2.1", 1234),
        "state": {"signed_in": signed_in},
    }
    return Request(scope)


@every_provider
@pytest.mark.parametrize("error", [ConnectionError(), TimeoutError(), Unavailable("away")])
async def test_what_keeps_us_from_looking_is_not_the_tokens_fault(
    provide: Any, error: Exception
) -> None:
    """At a 401 frontends throw it away."""
    with pytest.raises(type(error)):
        await provide(request(error))


@every_provider
async def test_no_token_and_a_bad_one_are_told_apart(provide: Any) -> None:
    for none in (None, Unauthenticated("send a bearer token")):
        with pytest.raises(Answer) as refused:
            await provide(request(none))
        assert (refused.value.status, refused.value.body["detail"]) == (401, "Not authenticated")
    with pytest.raises(Answer) as refused:
        await provide(request(Unauthenticated("no", code="token-invalid")))
    assert (refused.value.status, refused.value.headers) == (401, {"WWW-Authenticate": "Bearer"})
    assert refused.value.body["detail"] != "Not authenticated"


@every_provider
async def test_who_is_signed_in_is_known_with_where_they_are(provide: Any) -> None:
    known = Caller(new_id(), subject="kW3x9")
    assert await provide(request(known)) == Caller(
        known.account, None, "192.0.2.1", "curl/8", "kW3x9"
    )
