"""What the answers to commands show of every resource."""

from typing import Any, TypeVar

from litestar import Response

from commands.base import Stream
from commands.handler import Outcome
from gateway.http import answer

T = TypeVar("T")


def origin_of(stream: Stream[Any]) -> dict[str, Any]:
    """What is known of it whatever it is."""
    assert stream.owner is not None, "it was made"
    return {
        "id": stream.id,
        "number": stream.number,
        "workspace": stream.owner,
        "created_by": stream.created_by,
        "created_at": stream.created_at,
        "updated_at": stream.updated_at,
        "version": stream.version,
    }


def answer_with(resource: T, outcome: Outcome, *, place: str, status: int = 200) -> Response[T]:
    """`place` is the path of what was made, if the status says that it was."""
    return answer(
        resource,
        status=status,
        version=outcome.stream.version,
        position=outcome.position,
        location=f"{place}/{outcome.stream.id}" if status == 201 else None,
        replayed=outcome.replayed,
    )


def empty_answer(outcome: Outcome) -> Response[None]:
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)
