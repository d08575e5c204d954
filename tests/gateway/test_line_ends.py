"""A line end behind a text that may have none is a fault, not a part of it."""

from typing import Any

import pytest

from tests.support.app import RunningApp


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/v1/tags", {"name": "a", "colour": "#3B82F6\n"}, "colour"),
        ("POST", "/v1/tags", {"name": "a\n"}, "name"),
        ("POST", "/v1/tasks", {"title": "a\n"}, "title"),
        ("POST", "/v1/notes", {"title": "a", "category": "a\n"}, "category"),
        ("POST", "/v1/posts", {"title": "a", "content": "b", "slug": "a\n"}, "slug"),
        ("PATCH", "/v1/me", {"username": "ada\n"}, "username"),
        ("PATCH", "/v1/me", {"avatar_url": "https://example.org\n"}, "avatar_url"),
        ("PATCH", "/v1/me", {"locale": "de\n"}, "locale"),
    ],
)
async def test_it_is_refused_by_name(
    served: RunningApp, ada: dict[str, str], method: str, path: str, body: Any, field: str
) -> None:
    answer = await served.client.request(method, path, json=body, headers=ada)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field


async def test_texts_of_several_lines_may_end_with_one(
    served: RunningApp, ada: dict[str, str]
) -> None:
    body = {"title": "a", "content": "b\n"}
    answer = await served.client.post("/v1/posts", json=body, headers=ada)
    assert (answer.status_code, answer.json()["content"]) == (201, "b\n")
