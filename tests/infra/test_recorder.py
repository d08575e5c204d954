"""The eventsourcing library's own contract, and its own recorder on our table."""

import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from eventsourcing.persistence import (
    IntegrityError,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from events.ids import new_id
from infra.recorder import Recorder
from infra.verify import verify_log
from tests.support.log import open_log
from tests.support.recorder import SyncRecorder


class TestApplicationRecorder(ApplicationRecorderTestCase[SyncRecorder]):
    @pytest.fixture(autouse=True)
    def _recorder(self, database: str) -> Iterator[None]:
        self.recorder = SyncRecorder(database)
        yield
        self.recorder.close()

    def create_recorder(self) -> SyncRecorder:
        return self.recorder

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNotificationIdsDoNotInterleave(NonInterleavingNotificationIDsBaseCase):
    @pytest.fixture(autouse=True)
    def _recorder(self, database: str) -> Iterator[None]:
        self.recorder = SyncRecorder(database)
        yield
        self.recorder.close()

    def create_recorder(self) -> SyncRecorder:
        return self.recorder


# The classes that the library means to be inherited from are no tests by themselves.
del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase


def an_event(version: int = 1) -> StoredEvent:
    return StoredEvent(new_id(), version, "task.started", b"state")


@pytest.fixture
def recorder(database: str) -> Iterator[SyncRecorder]:
    opened = SyncRecorder(database)
    yield opened
    opened.close()


@pytest.fixture
def library(database: str) -> Iterator[PostgresApplicationRecorder]:
    url = urlsplit(database)
    with PostgresDatastore(
        dbname=url.path[1:],
        host=url.hostname or "",
        port=str(url.port),
        user=url.username or "",
        password=url.password or "",
        originator_id_type="uuid",
    ) as datastore:
        yield PostgresApplicationRecorder(datastore, events_table_name="events")


def test_the_librarys_recorder_reads_our_table(
    recorder: SyncRecorder, library: PostgresApplicationRecorder
) -> None:
    events = [an_event() for _ in range(3)]
    assert recorder.insert_events(events) == [1, 2, 3]
    assert library.max_notification_id() == 3
    found = library.select_notifications(start=2, limit=10)
    assert [(row.id, row.originator_id, row.state) for row in found] == [
        (number, event.originator_id, event.state)
        for number, event in zip((2, 3), events[1:], strict=True)
    ]
    assert library.select_events(events[0].originator_id) == [events[0]]


def test_the_librarys_recorder_cannot_insert_into_our_table(
    recorder: SyncRecorder, library: PostgresApplicationRecorder
) -> None:
    library.create_table()  # the types it needs; the table is there already
    with pytest.raises(IntegrityError, match="null value"):
        library.insert_events([an_event()])
    assert recorder.max_notification_id() is None


def test_inserting_nothing_is_nothing(recorder: SyncRecorder) -> None:
    assert recorder.insert_events([]) == []
    assert recorder.max_notification_id() is None


def test_a_stream_whose_name_is_no_uuid_is_refused(recorder: SyncRecorder) -> None:
    with pytest.raises(ProgrammingError):
        recorder.insert_events([StoredEvent("task-1", 1, "task.started", b"")])


def test_a_subscription_is_entered_once(recorder: SyncRecorder) -> None:
    subscription = recorder.subscribe()
    with subscription, pytest.raises(ProgrammingError), subscription:
        pass


def test_no_thread_of_a_closed_recorder_is_left(database: str) -> None:
    before = threading.active_count()
    SyncRecorder(database).close()
    assert threading.active_count() == before


async def test_what_the_recorder_inserts_can_be_verified(database: str) -> None:
    async with open_log(database) as log:
        recorder = Recorder(log.store, log.appender)
        stream = new_id()
        for version in (1, 2, 3):
            event = StoredEvent(stream, version, "task.started", b"state")
            await recorder.insert_events([event, an_event()])
        assert [finding async for finding in verify_log(log.pool)] == []
