"""How the edge treats what lies below a dialect's prefix: whose share it is, and in which words
it is refused before any route is reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.dialects.fastapi import with_message
from gateway.http import Rejected
from infra.settings import Settings

_WORDS = {404: "Not Found", 405: "Method Not Allowed", 413: "Request Entity Too Large"}


@dataclass(frozen=True)
class Manners:
    """`limit` is what each user or address may ask in a minute; 0 for no end of it."""

    name: str
    prefix: str
    limit: int
    body: Callable[[Rejected], Mapping[str, Any]]


def taskhub_manners(settings: Settings) -> Manners:
    limit = settings.taskhub_rate_limit

    def body(refused: Rejected) -> Mapping[str, Any]:
        if refused.status_code == 429:
            text = f"Rate limit exceeded: {limit} per 1 minute"
            return {"error": text, "detail": text, "message": text}
        return plain_body(refused)

    return Manners("taskhub", "/taskhub/", limit, body)


def plain_body(refused: Rejected) -> Mapping[str, Any]:
    return with_message({"detail": _WORDS.get(refused.status_code, refused.detail)})
