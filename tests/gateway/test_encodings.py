"""A body that is packed is refused before anybody looks into it."""

import gzip
import json
from typing import Any

import httpx
import pytest

from tests.support.app import RunningApp

PACKED = gzip.compress(json.dumps({"title": "Buy milk"}).encode())
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhi\r\n--x--\r\n'
)
DIALECTS = [
    "/taskflow/tasks",
    "/taskhub/api/tasks",
    "/phase3/api/nobody/",
    "/taskmanager/tasks",
    "/todo/api/nobody/tasks",
]
OLDER_FILES = ["/taskhub/api/tasks/1/files", "/taskmanager/tasks/1/files"]


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


async def head(served: RunningApp) -> int:
    position: int = (await served.client.get("/health")).json()["head"]
    return position


async def sent(
    served: RunningApp, path: str, content: Any, encoding: str, **headers: str
) -> httpx.Response:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding, **headers}
    return await served.client.post(path, content=content, headers=headers)


def check_problem(answer: httpx.Response) -> None:
    assert answer.status_code == 415, answer.text
    assert answer.headers["Accept-Encoding"] == "identity"
    problem = answer.json()
    assert (problem["code"], problem["field"]) == ("unsupported-encoding", "Content-Encoding")


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip", "nonsense"])
async def test_a_packed_body_is_a_415_that_names_the_header(
    served: RunningApp, ada: dict[str, str], encoding: str
) -> None:
    before = await head(served)
    check_problem(await sent(served, "/v1/tasks", PACKED, encoding, **ada))
    assert await head(served) == before


async def test_a_packed_body_of_unknown_length_is_a_415(
    served: RunningApp, ada: dict[str, str]
) -> None:
    async def chunks() -> Any:
        yield PACKED

    check_problem(await sent(served, "/v1/tasks", chunks(), "gzip", **ada))


async def test_packed_files_are_a_415(served: RunningApp, ada: dict[str, str]) -> None:
    task = await served.client.post("/v1/tasks", json={"title": "Buy milk"}, headers=ada)
    path, form = f"{task.headers['Location']}/attachments", "multipart/form-data; boundary=x"
    check_problem(await sent(served, path, FORM, "gzip", **ada, **{"Content-Type": form}))
    assert (await served.client.get(path, headers=ada)).json()["items"] == []


@pytest.mark.parametrize("path", [*DIALECTS, *OLDER_FILES])
async def test_a_dialect_refuses_a_packed_body_in_its_own_form(
    served: RunningApp, path: str
) -> None:
    answer = await sent(served, path, PACKED, "gzip")
    assert answer.status_code == 415, answer.text
    assert answer.headers["Accept-Encoding"] == "identity"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json().keys() == {"detail", "message"}
    assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
async def test_a_body_that_says_it_is_not_packed_is_taken(
    served: RunningApp, ada: dict[str, str], encoding: str
) -> None:
    answer = await sent(served, "/v1/tasks", b'{"title": "Buy milk"}', encoding, **ada)
    assert answer.status_code == 201, answer.text


async def test_where_there_is_no_body_its_encoding_does_not_matter(
    served: RunningApp, ada: dict[str, str]
) -> None:
    packed = {**ada, "Content-Encoding": "gzip"}
    task = await served.client.post("/v1/tasks", json={"title": "Buy milk"}, headers=ada)
    path = task.headers["Location"]
    assert (await served.client.get(path, headers=packed)).status_code == 200
    assert (await served.client.post(f"{path}/complete", headers=packed)).status_code == 200
