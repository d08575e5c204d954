"""What is asked about workspaces by their ids is answered for members of all of them alone."""

import httpx
import pytest

from tests.support.app import RunningApp
from tests.support.people import Person, register, sharing


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> Person:
    """With something in her own workspace that every list would show."""
    ada = await register(served.client, "ada")
    await ada.made("/v1/tasks", {"title": "Plan", "tags": ["home"]})
    await ada.made("/v1/notes", {"title": "Plan"})
    await ada.made("/v1/posts", {"title": "Plan", "content": "Plan"})
    return ada


@pytest.fixture(scope="module")
async def theirs(served: RunningApp) -> str:
    return await sharing(await register(served.client, "eve"))


async def questions(served: RunningApp) -> list[tuple[str, bool]]:
    """Every path that takes `workspace`, and whether it takes several."""
    document = (await served.client.get("/v1/openapi.json")).json()
    found = [
        (path, parameter["schema"].get("type") == "array")
        for path, item in document["paths"].items()
        for parameter in item.get("get", {}).get("parameters", ())
        if (parameter["in"], parameter["name"]) == ("query", "workspace")
    ]
    assert len(found) > 10
    return found


async def asked(ada: Person, path: str, *workspaces: str) -> httpx.Response:
    words = [("q", "plan")] if path == "/v1/search" else []
    query = httpx.QueryParams([*words, *(("workspace", each) for each in workspaces)])
    return await ada.ask("GET", f"{path}?{query}")


async def test_a_workspace_of_others_is_not_there(
    served: RunningApp, ada: Person, theirs: str
) -> None:
    (own,) = (await ada.ask("GET", "/v1/workspaces")).json()["items"]
    for path, several in await questions(served):
        answer = await asked(ada, path, own["id"])
        assert answer.status_code == 200, (path, answer.text)
        for named in [(theirs,), (own["id"], theirs)] if several else [(theirs,)]:
            answer = await asked(ada, path, *named)
            assert answer.status_code == 404, (path, named, answer.text)
            assert answer.json()["field"] == "workspace"
