"""What may be done to an export job, and by whom."""

from typing import Any
from uuid import UUID

import pytest

from commands.base import Command, Stream
from commands.exports import (
    EXPORTS,
    CancelExport,
    CompleteExport,
    ExpireExport,
    Export,
    FailExport,
    ReportExport,
    RequestExport,
)
from events.base import Fact, Role
from events.exports import (
    ExportCancelled,
    ExportCompleted,
    ExportExpired,
    ExportFailed,
    ExportProgressed,
    ExportRequested,
)
from events.ids import new_id
from events.refusals import Conflict, Forbidden, Invalid, NotFound
from tests.support.given import given

ADA, EVE, BOSS, HOME, EXPORT = (new_id() for _ in range(5))
MEMBERS: dict[UUID, Role] = {ADA: "viewer", EVE: "member", BOSS: "admin"}
REQUESTED = ExportRequested(format="csv")
COMPLETED = ExportCompleted(rows=2, size=3, sha256="ab", object_key=EXPORT)
COMPLETE = CompleteExport(stream=EXPORT, rows=2, size=3, sha256="ab")
FAIL = FailExport(stream=EXPORT, reason="OSError")
REPORT = ReportExport(stream=EXPORT, done=2_000, total=9_000)
EXPIRE = ExpireExport(stream=EXPORT)
CANCEL = CancelExport(stream=EXPORT)


def request(**fields: Any) -> RequestExport:
    return RequestExport(stream=EXPORT, workspace=HOME, **{"format": "csv", **fields})


def when(command: Command, *before: Fact, by: UUID | None = ADA) -> list[Fact]:
    """Ada asked for the export."""
    itself: Stream[Any] = Stream(id=EXPORT, state=Export(), created_by=ADA)
    related = {EXPORT: itself} if isinstance(command, CancelExport) else {}
    return given(EXPORTS, before).when(command, by, members=MEMBERS, related=related)


def test_an_export_is_requested_once() -> None:
    assert when(request()) == [REQUESTED]
    with pytest.raises(Conflict):
        when(request(), REQUESTED)


def test_progress_goes_forward_only_and_ends_with_the_job() -> None:
    progressed = ExportProgressed(done=2_000, total=9_000)
    assert when(REPORT, REQUESTED, by=None) == [progressed]
    for done in (2_000, 3_000):
        further = ExportProgressed(done=done, total=9_000)
        assert when(REPORT, REQUESTED, further, by=None) == []
    for end in (COMPLETED, ExportCancelled(), ExportFailed(reason="OSError")):
        with pytest.raises(Conflict):
            when(REPORT, REQUESTED, end, by=None)
    state = given(EXPORTS, [REQUESTED, progressed, COMPLETED]).state
    assert (state.done, state.total) == (2, 2)


def test_only_a_workbook_has_room_for_the_history() -> None:
    assert when(request(format="xlsx", history=True)) == [
        ExportRequested(format="xlsx", history=True)
    ]
    for format in ("csv", "parquet", "ndjson"):
        with pytest.raises(Invalid):
            when(request(format=format, history=True))


def test_who_asked_for_it_or_an_admin_may_cancel_it() -> None:
    assert when(CANCEL, REQUESTED) == when(CANCEL, REQUESTED, by=BOSS) == [ExportCancelled()]
    with pytest.raises(Forbidden):
        when(CANCEL, REQUESTED, by=EVE)


def test_a_cancelled_export_is_cancelled_already() -> None:
    assert when(CANCEL, REQUESTED, ExportCancelled()) == []


@pytest.mark.parametrize(
    "end", [(COMPLETED,), (ExportFailed(reason="x"),), (COMPLETED, ExportExpired())]
)
def test_a_finished_export_cannot_be_cancelled(end: tuple[Fact, ...]) -> None:
    with pytest.raises(Conflict):
        when(CANCEL, REQUESTED, *end)


def test_the_exporter_alone_says_what_became_of_it() -> None:
    assert when(COMPLETE, REQUESTED, by=None) == [COMPLETED]
    assert when(FAIL, REQUESTED, by=None) == [ExportFailed(reason="OSError")]
    for command in (REPORT, COMPLETE, FAIL, EXPIRE):
        with pytest.raises(Forbidden):
            when(command, REQUESTED, by=BOSS)


def test_what_was_cancelled_meanwhile_is_not_completed() -> None:
    for command in (REPORT, COMPLETE, FAIL):
        with pytest.raises(Conflict):
            when(command, REQUESTED, ExportCancelled(), by=None)


def test_only_what_is_completed_expires() -> None:
    assert when(EXPIRE, REQUESTED, COMPLETED, by=None) == [ExportExpired()]
    assert when(EXPIRE, REQUESTED, COMPLETED, ExportExpired(), by=None) == []
    assert when(EXPIRE, REQUESTED, by=None) == []


def test_an_export_that_never_was_is_not_there() -> None:
    for command in (CANCEL, REPORT, COMPLETE, FAIL, EXPIRE):
        with pytest.raises(NotFound):
            when(command, by=None)
