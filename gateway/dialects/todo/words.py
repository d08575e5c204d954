"""What the Todo backend said when it refused something."""

from events.refusals import Unauthenticated
from gateway.dialects.fastapi import Answer, detail, unprocessable

NOT_AUTHENTICATED = "Not authenticated"
NOT_YOUR_RESOURCE = "Not authorized to access this resource"
NOT_FOR_THIS_USER = "Not authorized to create tasks for this user"
NOT_YOURS_TO_SEE = "Not authorized to access this task"
NOT_YOURS_TO_CHANGE = "Not authorized to update this task"
NOT_YOURS_TO_DELETE = "Not authorized to delete this task"
TASK_NOT_FOUND = "Task not found"


def of_token(refusal: Unauthenticated) -> str:
    """Why a token is not good; the first two are those that it had by heart."""
    if refusal.code == "subject-missing":
        return "Invalid token: missing 'sub' claim (user_id)"
    if refusal.code == "token-expired":
        return "Could not validate credentials: Signature has expired."
    return f"Could not validate credentials: {refusal.detail}"


def task_not_found() -> Answer:
    return detail(404, TASK_NOT_FOUND)


def bad_tags(text: str, given: list[str] | None) -> Answer:
    return unprocessable(
        [{"type": "value_error", "loc": ["body", "tags"], "msg": text, "input": given}]
    )
