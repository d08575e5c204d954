"""Files as a task's page shows them."""

from datetime import datetime
from uuid import UUID

from events.attachments import AttachmentAdded
from events.envelope import Recorded
from projections.table import Projection, Row, Table, by_stream, opens_stream, topics_of


class AttachmentView(Row, frozen=True):
    id: UUID
    number: int
    workspace: UUID
    task: UUID
    uploader: UUID | None
    name: str
    content_type: str
    size: int
    sha256: str
    object_key: UUID
    created_at: datetime
    version: int
    position: int


def evolve_attachment(
    attachment: AttachmentView | None, recorded: Recorded
) -> AttachmentView | None:
    """A removed one leaves nothing behind."""
    fact = recorded.fact
    if not isinstance(fact, AttachmentAdded):
        return None
    return AttachmentView(
        id=recorded.stream,
        number=recorded.number,
        workspace=recorded.owner,
        task=fact.task,
        uploader=recorded.actor,
        name=fact.name,
        content_type=fact.content_type,
        size=fact.size,
        sha256=fact.sha256,
        object_key=fact.object_key,
        created_at=recorded.occurred_at,
        version=recorded.version,
        position=recorded.position,
    )


ATTACHMENTS = Projection(
    name="attachments",
    version=2,
    tables=(
        Table(
            name="attachments",
            row=AttachmentView,
            key=("id",),
            topics=topics_of("attachment"),
            keys=by_stream,
            evolve=evolve_attachment,
            is_first=opens_stream,
            indexes=("(task, created_at, id)",),
        ),
    ),
)
