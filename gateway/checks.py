"""What a native route asks of every request before it runs: who, and no query it does not know."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from gateway.http import Rejected, provide_caller, signed_in


class Shape(msgspec.Struct, frozen=True):
    """`parameters` says of each in the query whether it may be repeated."""

    secured: bool
    parameters: Mapping[str, bool]


async def check_request(request: Request[Any, Any, State]) -> None:
    """Raises `Unauthenticated` before the body is read, or `Rejected`."""
    shapes: dict[int, Shape] | None = request.app.state.get("shapes")
    if shapes is None:
        shapes = request.app.state["shapes"] = shapes_of(request.app)
    shape = shapes[id(request.scope["route_handler"])]
    if shape.secured:
        signed_in(request)
    if request.scope["query_string"]:
        _check_query(request.scope["query_string"], shape.parameters)


def shapes_of(app: Litestar) -> dict[int, Shape]:
    """Of each of the application's handlers, by its identity."""
    return {
        id(handler): Shape(
            is_secured(route, handler),
            {
                parameter.field_alias: parameter.is_sequence
                for parameter in model.expected_query_params
            },
        )
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler, model in route.route_handler_map.values()
    }


def is_secured(route: HTTPRoute, handler: HTTPRouteHandler) -> bool:
    """Whether it depends, however far away, on a caller who is signed in."""
    model = next(m for h, m in route.route_handler_map.values() if h is handler)
    return any(
        needed.provide.dependency is provide_caller
        for batch in model.dependency_batches
        for needed in batch
    )


def _check_query(query: bytes, known: Mapping[str, bool]) -> None:
    seen: set[str] = set()
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            near = f"; it has {', '.join(sorted(known))}" if known else ""
            raise Rejected(
                422,
                "unknown-parameter",
                f"the path has no query parameter of that name{near}",
                field=name[:200],
            )
        if name in seen and not known[name]:
            raise Rejected(422, "repeated-parameter", f"{name} is there more than once", field=name)
        seen.add(name)
