"""Task Manager's own words for what it refuses; `detail` stands beside them for frontends that
read nothing else."""

from typing import Any

from events.refusals import Invalid, TooMany
from gateway.dialects.fastapi import CHALLENGE, Answer, detail, unprocessable


def refused(status: int, error: str, message: str, **more: Any) -> Answer:
    return Answer(status, {"error": error, "message": message, **more, "detail": message})


def task_not_found(number: int) -> Answer:
    message = f"Task with ID {number} not found"
    return refused(404, "Task Not Found", message, task_id=number)


def not_your_task() -> Answer:
    message = "You do not have permission to access this task"
    return refused(403, "Unauthorized Access", message)


def tag_not_found(number: int, tag: str) -> Answer:
    message = f"Tag '{tag}' not found on task {number}"
    return refused(404, "Tag Not Found", message, task_id=number, tag=tag)


def tasks_not_found(numbers: list[int]) -> Answer:
    return detail(404, f"Tasks not found: {numbers}")


def nothing_to_update() -> Answer:
    return detail(400, "No fields provided for update")


def taken(field: str, value: str) -> Answer:
    """As it was spelled there."""
    message = f"{field.capitalize()} '{value}' is already registerd"
    return refused(409, "Duplicate User", message, field=field)


def bad_login() -> Answer:
    answer = refused(401, "Authentication Failed", "Invalid username or password")
    answer.headers |= CHALLENGE
    return answer


def too_many_logins(refusal: TooMany, limit: int) -> Answer:
    """Of wrong passwords for one account, which are counted whatever the limits are."""
    wait = str(max(1, round(refusal.retry_after + 0.5)))
    return too_many(f"{limit} per 1 minute", {"Retry-After": wait})


def too_many(share: str, headers: dict[str, str] | None = None) -> Answer:
    text = f"Rate limit exceeded: {share}"
    return Answer(429, {"error": text, "detail": text, "message": text}, headers)


def file_not_found(number: int) -> Answer:
    return detail(404, f"File with ID {number} not found")


def not_your_file(doing: str) -> Answer:
    return detail(403, f"You do not have permission to {doing} this file")


def invalid(refusal: Invalid) -> Answer:
    """What only a command could see."""
    theirs = {"due": "due_date", "start": "due_date", "name": "tags"}
    field = theirs.get(refusal.field or "", refusal.field)
    place = ["body", field] if field else ["body"]
    return unprocessable(
        [{"type": "value_error", "loc": place, "msg": refusal.detail, "input": None}]
    )
