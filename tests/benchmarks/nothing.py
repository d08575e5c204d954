"""The ceilings of create and list: an API process whose extra routes do nothing.

Run as a program: `python -m tests.benchmarks.nothing [FILE]`, FILE being what a list answers.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from litestar import Litestar, Response, Router, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody

from commands.handler import Handler
from commands.routes.task_bodies import TaskBody
from commands.routes.tasks import TaskAnswer
from events.append import CommandRequest
from events.envelope import Caller
from events.ids import new_id, personal_workspace_of
from gateway.app import V1_ROUTES
from gateway.bootstrap.api import api
from gateway.bootstrap.processes import serve
from gateway.http import answer
from gateway.resources.tasks import TaskResource
from infra.settings import Settings

CREATE = "/v1/nothing/tasks"
LIST = "/v1/nothing/tasks"


@post("/tasks", operation_id="createNothing", status_code=201)
async def create_nothing(
    data: JSONBody[TaskBody],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
) -> TaskAnswer:
    """What `createTask` takes and answers, with nothing in between."""
    task, now = new_id(), datetime.now(UTC)
    resource = TaskResource(
        id=task,
        number=1,
        workspace=personal_workspace_of(command_request.account),
        title=data.title,
        description=data.description,
        status="todo",
        priority=data.priority,
        start=None,
        due=None,
        overdue=False,
        notify_overdue=True,
        assignee=None,
        tags=[],
        created_by=command_request.account,
        created_at=now,
        updated_at=now,
        started_at=None,
        completed_at=None,
        deleted_at=None,
        version=1,
    )
    return answer(resource, status=201, version=1, position=1, location=f"/v1/tasks/{task}")


@get("/tasks", operation_id="listNothing")
async def list_nothing(caller: NamedDependency[Caller], state: State) -> Response[bytes]:
    """The bytes that a list answered."""
    return Response(
        state.listed, media_type="application/json", headers={"Tasktrail-Position": "1"}
    )


def app(settings: Settings, listed: bytes) -> Litestar:
    """Our own, with two more native routes."""
    V1_ROUTES.append(Router("/nothing", route_handlers=[create_nothing, list_nothing]))
    made = api(settings)
    made.state.listed = listed
    return made


def main() -> None:
    listed = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else b""
    serve(Settings.from_env(os.environ), lambda settings: app(settings, listed))


if __name__ == "__main__":
    main()
