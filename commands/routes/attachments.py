"""The attachment commands over HTTP."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, Router, delete, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec.structs import replace

from commands.attachments import ATTACHMENTS, AddAttachment, Attachment, RemoveAttachment
from commands.base import Stream, permit
from commands.handler import Handler, Outcome
from commands.routes.tasks import workspace_of
from commands.routes.uploads import Store, StoredFile, fingerprint_of, store_files
from commands.workspaces import WORKSPACES
from events.append import CommandRequest
from events.refusals import NotFound, Refusal, Unavailable
from gateway.http import MULTIPART, HttpRequest, answer, provide_upload_request
from gateway.resources.attachments import AttachmentResource, AttachmentsAdded


@post(
    "/tasks/{task:uuid}/attachments",
    operation_id="addAttachments",
    status_code=201,
    request_max_body_size=None,
    dependencies={"command_request": Provide(provide_upload_request)},
    opt={"body": MULTIPART},
)
async def add_attachments(
    request: HttpRequest,
    task: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
    objects: NamedDependency[Store],
) -> Response[AttachmentsAdded]:
    """Attach files to a task: all of them or, if one is refused, none."""
    workspace = await workspace_of(handler, task)
    members = (await handler.load(workspace, WORKSPACES)).state.members
    permit(members, command_request.caller, "member")  # before it takes what it would throw away
    limit = request.app.state.settings.max_upload_bytes
    files = await store_files(request, objects, limit=limit)
    if command_request.replayable:
        asked = fingerprint_of(request, files)
        command_request = replace(command_request, fingerprint=asked)
    outcome = await attach(handler, objects, workspace, task, files, command_request)
    added = AttachmentsAdded(items=[attachment_resource(stream) for stream in outcome.streams])
    only = outcome.stream if len(files) == 1 else None
    return answer(
        added,
        status=201,
        version=only.version if only else None,
        position=outcome.position,
        location=f"/v1/attachments/{only.id}" if only else None,
        replayed=outcome.replayed,
    )


@delete("/attachments/{attachment:uuid}", operation_id="removeAttachment", status_code=204)
async def remove_attachment(
    attachment: FromPath[UUID],
    handler: NamedDependency[Handler],
    command_request: NamedDependency[CommandRequest],
    objects: NamedDependency[Store],
) -> Response[None]:
    """Remove a file: you sent it, the task is yours or you are an admin of the workspace."""
    outcome = await detach(handler, objects, attachment, command_request)
    return answer(None, status=204, position=outcome.position, replayed=outcome.replayed)


async def attach(
    handler: Handler,
    store: Store,
    workspace: UUID,
    task: UUID,
    files: Sequence[StoredFile],
    request: CommandRequest,
) -> Outcome:
    """All of these stored files; the store is rid of what is not attached.

    Where it is unknown whether they were attached, they stay: the sweep asks the log later.
    """
    commands = [
        AddAttachment(
            stream=file.key,
            workspace=workspace,
            task=task,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
        )
        for file in files
    ]
    try:
        outcome = await handler.handle(commands, request)
    except Unavailable:
        raise
    except Refusal:
        store.discard(file.key for file in files)
        raise
    attached = {stream.id for stream in outcome.streams}  # those of the first time, if repeated
    store.discard(file.key for file in files if file.key not in attached)
    return outcome


async def detach(
    handler: Handler, store: Store, attachment: UUID, request: CommandRequest
) -> Outcome:
    """Raises `NotFound` for what is no attachment."""
    stream = await handler.load(attachment, ATTACHMENTS, fresh=False)
    if stream.state.task is None or stream.state.object_key is None:
        raise NotFound("there is no such attachment")
    command = RemoveAttachment(stream=attachment, task=stream.state.task)
    outcome = await handler.handle([command], request)
    store.discard([stream.state.object_key])
    return outcome


def attachment_resource(stream: Stream[Attachment]) -> AttachmentResource:
    attachment = stream.state
    assert stream.owner is not None
    assert stream.created_at is not None
    assert attachment.task is not None
    return AttachmentResource(
        id=stream.id,
        number=stream.number,
        workspace=stream.owner,
        task=attachment.task,
        uploader=stream.created_by,
        name=attachment.name,
        content_type=attachment.content_type,
        size=attachment.size,
        sha256=attachment.sha256,
        created_at=stream.created_at,
        version=stream.version,
    )


ATTACHMENT_ROUTES: list[Any] = [add_attachments, remove_attachment]
ATTACHMENT_COMMANDS = Router(path="/", route_handlers=ATTACHMENT_ROUTES, tags=["attachments"])
