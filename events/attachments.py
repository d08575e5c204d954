"""What can happen to a file on a task. Its bytes are in the object store, never here."""

from uuid import UUID

from events.base import Fact


class AttachmentAdded(Fact, frozen=True):
    """The object was stored before this; `size` is in bytes, `sha256` in hexadecimal. `number` is
    the one that an imported file had before."""

    task: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    object_key: UUID
    number: int | None = None


class AttachmentRemoved(Fact, frozen=True):
    pass


AttachmentEvent = AttachmentAdded | AttachmentRemoved
