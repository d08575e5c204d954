"""What each event does to the export job that is shown."""

from datetime import timedelta

from events.base import Fact
from events.envelope import Erased
from events.exports import (
    ExportCancelled,
    ExportCompleted,
    ExportExpired,
    ExportFailed,
    ExportProgressed,
    ExportRequested,
)
from events.ids import new_id
from projections.exports import EXPORTS, ExportView
from tests.support.projections import ACTOR, NOON, WORKSPACE, fold_rows, story

REQUESTED = ExportRequested(format="xlsx", history=True)
COMPLETED = ExportCompleted(rows=2, size=3, sha256="ab", object_key=new_id())


def export_after(*facts: Fact) -> ExportView:
    (export,) = fold_rows(EXPORTS, story(REQUESTED, *facts))["exports"]
    assert isinstance(export, ExportView)
    return export


def test_a_requested_export_waits() -> None:
    export = export_after()
    assert (export.status, export.format, export.history) == ("requested", "xlsx", True)
    assert (export.requested_by, export.workspace, export.requested_at) == (ACTOR, WORKSPACE, NOON)
    assert export.finished_at is None


def test_a_completed_export_has_a_file() -> None:
    export = export_after(COMPLETED)
    assert (export.status, export.rows, export.size, export.sha256) == ("completed", 2, 3, "ab")
    assert export.finished_at == NOON + timedelta(hours=1)
    assert (export.requested_position, export.position, export.version) == (1, 2, 2)


def test_an_export_shows_how_far_it_is() -> None:
    assert (export_after().done, export_after().total) == (0, None)
    progressed = ExportProgressed(done=2_000, total=9_000)
    assert (export_after(progressed).done, export_after(progressed).total) == (2_000, 9_000)
    done = export_after(progressed, COMPLETED)
    assert (done.done, done.total, done.status) == (2, 2, "completed")


def test_an_expired_export_still_says_when_it_was_finished() -> None:
    export = export_after(COMPLETED, ExportExpired())
    assert (export.status, export.finished_at) == ("expired", NOON + timedelta(hours=1))


def test_other_ends() -> None:
    assert export_after(ExportCancelled()).status == "cancelled"
    failed = export_after(ExportFailed(reason="OSError"))
    assert (failed.status, failed.reason) == ("failed", "OSError")


def test_an_erased_export_is_not_there() -> None:
    assert fold_rows(EXPORTS, story(Erased("export.requested"), COMPLETED))["exports"] == []
