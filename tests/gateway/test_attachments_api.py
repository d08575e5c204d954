"""Files on tasks over HTTP, with a real object store."""

import hashlib
import os
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from infra.embedded.s3 import EmbeddedS3
from tests.support.api import bearer
from tests.support.app import RunningApp
from tests.support.files import PNG, keys_in, objects_in, read, upload
from tests.support.people import Person, register, sharing

Json = dict[str, Any]
MIB = 1 << 20


@pytest.fixture
def api(served: RunningApp) -> httpx.AsyncClient:
    return served.client


@pytest.fixture
async def ada(api: httpx.AsyncClient) -> Person:
    return await register(api, "ada")


async def a_task(person: Person, **members: str) -> str:
    return str((await person.made("/v1/tasks", {"title": "Build", **members}))["id"])


async def attachments_of(person: Person, task: str) -> list[Json]:
    answer = await person.ask("GET", f"/v1/tasks/{task}/attachments?min_position=head")
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


async def test_a_file_is_attached_and_comes_back_as_it_was(ada: Person, s3: EmbeddedS3) -> None:
    task = await a_task(ada)
    answer = await upload(ada, task, ("Überblick 图.png", PNG, "image/png"))
    assert answer.status_code == 201, answer.text
    [added] = answer.json()["items"]
    assert (added["name"], added["content_type"]) == ("Überblick 图.png", "image/png")
    assert (added["size"], added["sha256"]) == (len(PNG), hashlib.sha256(PNG).hexdigest())
    assert (added["uploader"], added["task"], added["version"]) == (ada.id, task, 1)
    assert answer.headers["Location"] == f"/v1/attachments/{added['id']}"
    assert await attachments_of(ada, task) == [added]
    one = await ada.ask("GET", f"/v1/attachments/{added['id']}")
    assert (one.json(), one.headers["ETag"]) == (added, '"1"')
    content = await ada.ask("GET", f"/v1/attachments/{added['id']}/content")
    assert (content.status_code, content.content) == (200, PNG)
    assert content.headers["Content-Type"] == "image/png"
    assert content.headers["Content-Length"] == str(len(PNG))
    assert content.headers["X-Content-Type-Options"] == "nosniff"
    name = "%C3%9Cberblick%20%E5%9B%BE.png"
    shown = f"attachment; filename=\"_berblick _.png\"; filename*=UTF-8''{name}"
    assert content.headers["Content-Disposition"] == shown
    head = await ada.ask("HEAD", f"/v1/attachments/{added['id']}/content")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(PNG))
    assert await read(objects_in(s3), UUID(added["id"])) == PNG


async def test_a_link_leads_to_the_file_without_a_token(ada: Person) -> None:
    task = await a_task(ada)
    [added] = (await upload(ada, task, ("notes.txt", b"hello", "text/plain"))).json()["items"]
    link = (await ada.ask("GET", f"/v1/attachments/{added['id']}/link?minutes=1")).json()
    async with httpx.AsyncClient() as anybody:
        answer = await anybody.get(link["url"])
    assert (answer.status_code, answer.content) == (200, b"hello")
    for minutes in (0, 61):
        refused = await ada.ask("GET", f"/v1/attachments/{added['id']}/link?minutes={minutes}")
        assert refused.status_code == 422


async def test_several_files_are_attached_together(ada: Person, s3: EmbeddedS3) -> None:
    task = await a_task(ada)
    large = os.urandom(12 * MIB)
    answer = await upload(
        ada,
        task,
        ("a.txt", "grüße\n".encode(), "text/plain"),
        ("b.gz", b"\x1f\x8b\x08" + large, "application/gzip"),
        ("c.csv", b"a;b\n1;2\n", "application/vnd.ms-excel"),
        ("d.md", b"# Title", "application/octet-stream"),
    )
    assert answer.status_code == 201, answer.text
    added = answer.json()["items"]
    assert [each["content_type"] for each in added] == [
        "text/plain",
        "application/gzip",
        "text/csv",
        "text/markdown",
    ]
    assert {each["id"] for each in await attachments_of(ada, task)} == {e["id"] for e in added}
    content = await ada.ask("GET", f"/v1/attachments/{added[1]['id']}/content")
    assert content.content == b"\x1f\x8b\x08" + large


async def test_a_file_may_come_alone_under_the_other_name(ada: Person) -> None:
    task = await a_task(ada)
    answer = await upload(ada, task, ("x.png", PNG, "image/png"), part="file")
    assert answer.status_code == 201, answer.text


async def test_a_removed_file_is_gone_with_its_object(ada: Person, s3: EmbeddedS3) -> None:
    task = await a_task(ada)
    [added] = (await upload(ada, task, ("x.png", PNG, "image/png"))).json()["items"]
    place = f"/v1/attachments/{added['id']}"
    assert (await ada.ask("DELETE", place, If_Match='"7"')).status_code == 412
    assert (await ada.ask("DELETE", place, If_Match='"1"')).status_code == 204
    for path in (place, f"{place}/content", f"{place}/link"):
        assert (await ada.ask("GET", path)).status_code == 404
    assert (await ada.ask("DELETE", place)).status_code == 404
    assert await attachments_of(ada, task) == []
    await gone(s3, UUID(added["id"]))


async def gone(s3: EmbeddedS3, key: UUID) -> None:
    objects = objects_in(s3)
    for _ in range(200):
        if key not in await keys_in(objects):
            return
    raise AssertionError("the object stays")


@pytest.mark.parametrize(
    ("name", "content", "declared", "code"),
    [
        ("x.exe", b"MZ\x90\x00", "application/x-msdownload", "file-type-not-allowed"),
        ("x.exe", b"MZ\x90\x00", "application/octet-stream", "file-type-not-allowed"),
        ("page.html", b"<html></html>", "text/html", "file-type-not-allowed"),
        ("x.svg", b"<svg/>", "image/svg+xml", "file-type-not-allowed"),
        ("x.png", b"MZ\x90\x00" + bytes(99), "image/png", "file-type-mismatch"),
        ("x.png", b"<html><script>", "image/png", "file-type-mismatch"),
        ("x.txt", PNG, "text/plain", "file-type-mismatch"),
        ("x.txt", b"  <!DOCTYPE html><p>", "text/plain", "file-type-mismatch"),
        ("x.txt", b"text" * 20_000 + b"\x00", "text/plain", "file-type-mismatch"),
        ("x.pdf", PNG, "application/pdf", "file-type-mismatch"),
        ("x.png", PNG, "application/pdf", "file-type-mismatch"),
        ("x.docx", b"PK\x03\x04" + bytes(99), "application/zip", "file-type-mismatch"),
        ("x.docx", b"PK\x03\x04" + bytes(99), "application/octet-stream", "file-type-mismatch"),
        ("x.png", b"", "image/png", "empty-file"),
        ("../x.png", PNG, "image/png", "bad-file-name"),
        ("a/b.png", PNG, "image/png", "bad-file-name"),
        ("a\\b.png", PNG, "image/png", "bad-file-name"),
        ("..", PNG, "image/png", "bad-file-name"),
        (" ", PNG, "image/png", "bad-file-name"),
        ("a\u202egnp.exe.png", PNG, "image/png", "bad-file-name"),
        ("a\nb.png", PNG, "image/png", "bad-file-name"),
        ("a" * 256 + ".png", PNG, "image/png", "bad-file-name"),
    ],
)
async def test_a_bad_file_is_refused_by_name_and_nothing_is_kept(
    ada: Person, s3: EmbeddedS3, name: str, content: bytes, declared: str, code: str
) -> None:
    task = await a_task(ada)
    objects = objects_in(s3)
    before = await keys_in(objects)
    good = ("good.png", PNG, "image/png")
    answer = await upload(ada, task, good, (name, content, declared))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["field"] == "files"
    assert "file" in answer.json()
    assert await attachments_of(ada, task) == []
    for key in await keys_in(objects) - before:
        await gone(s3, key)


async def test_a_file_one_byte_too_large_is_refused_by_name(ada: Person, s3: EmbeddedS3) -> None:
    task = await a_task(ada)
    limit = 25 * MIB
    fits = b"\x1f\x8b\x08" + bytes(limit - 3)
    assert (await upload(ada, task, ("a.gz", fits, "application/gzip"))).status_code == 201
    before = await keys_in(objects_in(s3))
    answer = await upload(ada, task, ("b.gz", fits + b"x", "application/gzip"))
    assert answer.status_code == 413
    problem = answer.json()
    assert (problem["code"], problem["file"], problem["limit"]) == ("too-large", "b.gz", limit)
    assert await keys_in(objects_in(s3)) == before
    assert len(await attachments_of(ada, task)) == 1


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=x", b"", 400),
        ("multipart/form-data; boundary=x", b"nonsense", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf',
            400,
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="\xff.txt"\r\n\r\n'
            b"half\r\n--x--\r\n",
            400,
        ),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 422),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhi\r\n--x--\r\n',
            422,
        ),
    ],
)
async def test_what_is_no_upload_is_refused(
    ada: Person, content_type: str, body: bytes, status: int
) -> None:
    task = await a_task(ada)
    answer = await ada.api.post(
        f"/v1/tasks/{task}/attachments",
        content=body,
        headers=bearer(ada.tokens, Content_Type=content_type),
    )
    assert answer.status_code == status, answer.text
    assert "Error(" not in answer.text
    assert await attachments_of(ada, task) == []


async def test_who_may_do_what(api: httpx.AsyncClient, ada: Person) -> None:
    eve, bob, mallory = [await register(api, name) for name in ("eve", "bob", "mallory")]
    home = await sharing(ada, eve, bob)
    task = await a_task(eve, workspace=home)
    file = ("x.png", PNG, "image/png")
    [added] = (await upload(ada, task, file)).json()["items"]
    place = f"/v1/attachments/{added['id']}"
    assert (await upload(mallory, task, file)).status_code == 404
    assert (await upload(ada, str(uuid4()), file)).status_code == 404
    for path in (place, f"{place}/content", f"{place}/link", f"/v1/tasks/{task}/attachments"):
        assert (await bob.ask("GET", f"{path}?min_position=head")).status_code == 200
        assert (await mallory.ask("GET", path)).status_code == 404
        assert (await api.get(path)).status_code == 401
    assert (await mallory.ask("DELETE", place)).status_code == 404
    refused = await bob.ask("DELETE", place)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-the-uploader")
    assert (await eve.ask("DELETE", place)).status_code == 204  # the task is hers
    [hers] = (await upload(eve, task, file)).json()["items"]
    assert (await ada.ask("DELETE", f"/v1/attachments/{hers['id']}")).status_code == 204  # owner
    viewer = await register(api, "viewer")
    member = {"account": viewer.id, "role": "viewer"}
    await ada.made(f"/v1/workspaces/{home}/members", member)
    assert (await upload(viewer, task, file)).status_code == 403


async def test_a_repeated_upload_is_one_upload(ada: Person, s3: EmbeddedS3) -> None:
    task = await a_task(ada)
    files = [("x.png", PNG, "image/png"), ("y.txt", b"hello", "text/plain")]
    first = await upload(ada, task, *files, Idempotency_Key="k")
    again = await upload(ada, task, *files, Idempotency_Key="k")
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await upload(ada, task, ("x.png", PNG + b"x", "image/png"), Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(await attachments_of(ada, task)) == 2


async def test_files_go_with_their_task(ada: Person) -> None:
    task = await a_task(ada)
    [added] = (await upload(ada, task, ("x.png", PNG, "image/png"))).json()["items"]
    await ada.ask("DELETE", f"/v1/tasks/{task}")
    assert (await ada.ask("GET", f"/v1/attachments/{added['id']}/content")).status_code == 404
    assert (await upload(ada, task, ("x.png", PNG, "image/png"))).status_code == 404
    await ada.ask("POST", f"/v1/tasks/{task}/restore")
    assert await attachments_of(ada, task) == [added]


async def test_files_are_paged_newest_first(ada: Person) -> None:
    task = await a_task(ada)
    for n in range(5):
        await upload(ada, task, (f"{n}.txt", b"hello", "text/plain"))
    seen: list[str] = []
    path = f"/v1/tasks/{task}/attachments?limit=2"
    while path:
        page = (await ada.ask("GET", path)).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next_cursor"]
        path = f"/v1/tasks/{task}/attachments?limit=2&cursor={cursor}" if cursor else ""
    assert seen == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]
