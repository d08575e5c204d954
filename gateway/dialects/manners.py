"""How the edge treats what lies below a dialect's prefix: whose share it is, and in which words
it is refused before any route is reached."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.dialects.fastapi import with_message
from gateway.http import Rejected
from gateway.limits import PERIOD
from gateway.shares import HOUR, OLDER, Share, Whose
from infra.settings import Settings

_WORDS = {404: "Not Found", 405: "Method Not Allowed", 413: "Request Entity Too Large"}


@dataclass(frozen=True)
class Manners:
    name: str
    prefix: str
    shares: Sequence[Share]
    body: Callable[[Rejected], Mapping[str, Any]]


def taskhub_manners(settings: Settings) -> Manners:
    everything = Share("taskhub", settings.taskhub_rate_limit, words=OLDER)
    return Manners("taskhub", "/taskhub/", [everything], limited_body)


def plain_manners(name: str, settings: Settings) -> Manners:
    """Of a system that had no limits, so there are ours."""
    everything = Share(name, settings.rate_limit, words=OLDER)
    return Manners(name, f"/{name}/", [everything], limited_body)


def taskmanager_manners(settings: Settings) -> Manners:
    """Its own four limits, and for all the rest as much as natively."""

    def of(method: str, path: str, limit: int, period: float, whose: Whose) -> Share:
        name, pattern = f"taskmanager:{method} {path}", re.compile("/taskmanager" + path)
        return Share(name, limit, period, method, pattern, whose, OLDER)

    shares = [
        Share("taskmanager", settings.rate_limit, words=OLDER),
        of("POST", "/auth/login", settings.taskmanager_login_limit, PERIOD, "address"),
        of("POST", "/auth/register", settings.taskmanager_register_limit, HOUR, "address"),
        of("POST", "/tasks", settings.taskmanager_task_limit, HOUR, "account"),
        of("POST", "/tasks/[^/]+/files", settings.taskmanager_upload_limit, HOUR, "account"),
    ]
    return Manners("taskmanager", "/taskmanager/", shares, limited_body)


def limited_body(refused: Rejected) -> Mapping[str, Any]:
    if refused.status_code == 429:
        return dict.fromkeys(("error", "detail", "message"), refused.detail)
    return plain_body(refused)


def plain_body(refused: Rejected) -> Mapping[str, Any]:
    return with_message({"detail": _WORDS.get(refused.status_code, refused.detail)})
