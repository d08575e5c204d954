"""What each event does to the file that a task's page shows."""

from events.attachments import AttachmentAdded, AttachmentRemoved
from events.envelope import Erased
from events.ids import NUMBER_OFFSET, new_id
from projections.attachments import ATTACHMENTS
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

TASK, KEY = new_id(), new_id()
ADDED = AttachmentAdded(
    task=TASK,
    name="plan.pdf",
    content_type="application/pdf",
    size=7,
    sha256="ab" * 32,
    object_key=KEY,
)


def test_a_file_knows_its_task_its_uploader_and_its_object() -> None:
    (file,) = fold_rows(ATTACHMENTS, story(ADDED))["attachments"]
    assert (file.task, file.uploader, file.workspace) == (TASK, ACTOR, WORKSPACE)
    assert (file.name, file.size, file.object_key) == ("plan.pdf", 7, KEY)
    assert (file.number, file.created_at, file.version) == (NUMBER_OFFSET + 1, NOON, 1)


def test_a_removed_file_leaves_nothing() -> None:
    assert fold_rows(ATTACHMENTS, story(ADDED, AttachmentRemoved()))["attachments"] == []


def test_an_erased_file_is_not_there() -> None:
    events = story(Erased("attachment.added"), AttachmentRemoved())
    assert fold_rows(ATTACHMENTS, events)["attachments"] == []
