"""Every endpoint that Task Manager's README lists, asked as a shell would and in its order."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.app import RunningApp
from tests.support.repository import ROOT

CURL = ROOT / "tests" / "support" / "curl.py"
LISTED = """
POST   /auth/register         - Create account
POST   /auth/login            - Get JWT token
GET    /tasks                 - List all tasks (with filters/search/pagination)
POST   /tasks                 - Create task
GET    /tasks/stats           - Get statistics (cached in Redis)
PATCH  /tasks/bulk            - Update multiple tasks
GET    /tasks/{id}            - Get single task
PATCH  /tasks/{id}            - Update task
POST   /tasks/{id}/tags       - Add tags
DELETE /tasks/{id}/tags/{tag} - Remove tag
POST   /tasks/{id}/files      - Upload file
GET    /tasks/{id}/files      - List files
GET    /files/{id}            - Download file
DELETE /files/{id}            - Delete file
DELETE /tasks/{id}            - Delete task
"""


class Shell:
    """Remembers the token, and which endpoints it asked."""

    def __init__(self, base: str, folder: Path) -> None:
        self.base = base
        self.folder = folder
        self.token = ""
        self.asked: list[tuple[str, str]] = []

    async def curl(
        self, line: str, body: Any = None, *, file: str = "", **names: Any
    ) -> tuple[int, str]:
        """The status and the body."""
        method, path = line.split()
        self.asked.append((method, path))
        arguments = ["-s", "-i", "-X", method, f"{self.base}/taskmanager{path.format(**names)}"]
        if self.token:
            arguments += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            arguments += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        if file:
            arguments += ["-F", f"file=@{file}"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, CURL, *arguments, cwd=self.folder, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        head, _, content = out.decode().partition("\n\n")
        return int(head.split()[1]), content.strip()

    async def json(self, status: int, line: str, body: Any = None, **more: Any) -> Any:
        found, content = await self.curl(line, body, **more)
        assert found == status, content
        return json.loads(content)


async def test_everything_that_the_readme_lists_works(system: RunningApp, tmp_path: Path) -> None:
    shell = Shell(system.base, tmp_path)
    name = uuid4().hex[:12]
    login = {"username": name, "password": "secure_password123"}
    user = await shell.json(201, "POST /auth/register", {**login, "email": f"{name}@example.org"})
    shell.token = (await shell.json(200, "POST /auth/login", login))["access_token"]
    assert await shell.json(200, "GET /tasks") == []
    task = await shell.json(201, "POST /tasks", {"title": "Buy milk", "tags": ["home"]})
    assert task["user_id"] == user["id"]
    assert (await shell.json(200, "GET /tasks/stats"))["total"] == 1
    updates = {"task_ids": [task["id"]], "updates": {"priority": "high"}}
    assert await shell.json(200, "PATCH /tasks/bulk", updates) == [{**task, "priority": "high"}]
    await of_one_task(shell, {**task, "priority": "high"})
    listed = [line.split()[:2] for line in LISTED.strip().splitlines()]
    assert [list(pair) for pair in shell.asked] == listed


async def of_one_task(shell: Shell, task: dict[str, Any]) -> None:
    id = task["id"]
    assert await shell.json(200, "GET /tasks/{id}", id=id) == task
    done = await shell.json(200, "PATCH /tasks/{id}", {"completed": True}, id=id)
    assert done == {**task, "completed": True}
    tagged = await shell.json(200, "POST /tasks/{id}/tags", ["urgent"], id=id)
    assert tagged["tags"] == ["home", "urgent"]
    left = await shell.json(200, "DELETE /tasks/{id}/tags/{tag}", id=id, tag="urgent")
    assert left == done
    (shell.folder / "notes.txt").write_text("remember the milk")
    file = await shell.json(201, "POST /tasks/{id}/files", id=id, file="notes.txt")
    [listed] = await shell.json(200, "GET /tasks/{id}/files", id=id)
    assert {**listed, "task_id": id} == file
    assert await shell.curl("GET /files/{id}", id=file["id"]) == (200, "remember the milk")
    assert await shell.curl("DELETE /files/{id}", id=file["id"]) == (204, "")
    assert await shell.curl("DELETE /tasks/{id}", id=id) == (204, "")
