"""If-Match and Idempotency-Key, as HTTP has them."""

import httpx
import pytest

from events.refusals import Invalid, Stale
from gateway.http import version_in
from tests.support.api import settings_for
from tests.support.app import RunningApp, running_app


@pytest.mark.parametrize(
    ("given", "version"),
    [(None, None), ("*", None), (" * ", None), ('"3"', 3), ('W/"3"', 3), (' "3" ', 3)],
)
def test_an_etag_is_a_version(given: str | None, version: int | None) -> None:
    assert version_in(given) == version


@pytest.mark.parametrize("given", ["", "3", '"3', '"1", "2"', "W/3", '"'])
def test_what_is_no_etag_is_refused(given: str) -> None:
    with pytest.raises(Invalid) as caught:
        version_in(given)
    assert caught.value.field == "If-Match"


@pytest.mark.parametrize("given", ['"abc"', '""', '"-1"', '"99999999999999999999"'])
def test_an_etag_that_was_never_ours_is_stale(given: str) -> None:
    with pytest.raises(Stale):
        version_in(given)


@pytest.fixture(scope="module")
async def ada(served: RunningApp) -> dict[str, str]:
    return await served.headers()


async def created(running: RunningApp, headers: dict[str, str]) -> httpx.Response:
    return await running.client.post("/v1/tasks", json={"title": "Buy milk"}, headers=headers)


async def test_a_change_from_a_stale_version_is_a_412(
    served: RunningApp, ada: dict[str, str]
) -> None:
    made = await created(served, ada)
    path, first = made.headers["Location"], {**ada, "If-Match": made.headers["ETag"]}
    changed = await served.client.patch(path, json={"title": "x"}, headers=first)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    stale = await served.client.patch(path, json={"title": "y"}, headers=first)
    assert (stale.status_code, stale.json()["code"]) == (412, "version-mismatch")
    weak = {**ada, "If-Match": f"W/{changed.headers['ETag']}"}
    assert (await served.client.patch(path, json={"title": "y"}, headers=weak)).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_a_bad_idempotency_key_is_a_422(
    served: RunningApp, ada: dict[str, str], key: str
) -> None:
    answer = await created(served, {**ada, "Idempotency-Key": key})
    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_a_key_of_255_characters_replays_the_answer(
    served: RunningApp, ada: dict[str, str]
) -> None:
    keyed = {**ada, "Idempotency-Key": "k" * 255}
    first, second = await created(served, keyed), await created(served, keyed)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json() == second.json()
    other = await served.client.post("/v1/tasks", json={"title": "Other"}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_change_must_name_its_version_where_the_installation_says_so(
    database: str, nats_url: str
) -> None:
    async with running_app(settings_for(database, nats_url, require_if_match=True)) as strict:
        ada = await strict.headers()
        path = (await created(strict, ada)).headers["Location"]
        for change in (
            strict.client.patch(path, json={"title": "x"}, headers=ada),
            strict.client.delete(path, headers=ada),
        ):
            answer = await change
            assert answer.status_code == 428
            assert answer.json()["code"] == "precondition-required"
            assert answer.json()["field"] == "If-Match"
        for tag in ("*", '"2"'):
            patch = {"title": f"with {tag}"}
            answer = await strict.client.patch(path, json=patch, headers={**ada, "If-Match": tag})
            assert answer.status_code == 200
        signed_out = await strict.client.delete("/v1/sessions/current", headers=ada)
        assert signed_out.status_code == 204


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("If-Match", ('"1"', '"9"')),
        ("Idempotency-Key", ("a", "b")),
        ("Content-Type", ("application/json", "text/plain")),
    ],
)
async def test_of_what_holds_once_there_are_not_two(
    served: RunningApp, ada: dict[str, str], name: str, values: tuple[str, str]
) -> None:
    """Only the first of them was looked at."""
    made = await created(served, ada)
    headers = [*ada.items(), *((name, value) for value in values)]
    if name != "Content-Type":
        headers.append(("Content-Type", "application/json"))
    path = made.headers["Location"]
    answer = await served.client.patch(path, content=b'{"title": "x"}', headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "repeated-header")
    assert problem["field"] == name
    assert (await served.client.get(path, headers=ada)).headers["ETag"] == '"1"'
