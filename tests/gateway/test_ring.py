"""The last events in memory."""

from events.ids import new_id
from events.tasks import TaskCreated
from gateway.live.frames import EventFrame
from gateway.live.ring import Ring
from tests.support.projections import story

LOG = new_id()
FRAMES = [
    EventFrame(recorded, LOG)
    for recorded in story(*(TaskCreated(title=f"task {n}") for n in range(30)), first=101)
]


def filled(ring: Ring, count: int = 30) -> Ring:
    ring.begin(100)
    for frame in FRAMES[:count]:
        ring.append(frame)
    return ring


def test_an_empty_one_begins_after_its_last() -> None:
    ring = filled(Ring(size=10), 0)
    assert (ring.first, ring.last) == (101, 100)
    assert ring.between(100, 100) == []


def test_it_keeps_the_last_so_many() -> None:
    ring = filled(Ring(size=10))
    assert (ring.first, ring.last) == (121, 130)
    assert [frame.position for frame in ring.between(120, 130)] == list(range(121, 131))
    assert [frame.position for frame in ring.between(124, 126)] == [125, 126]


def test_it_keeps_fewer_when_they_are_large() -> None:
    size = len(FRAMES[-1].wire)
    ring = filled(Ring(size=10, max_bytes=3 * size))
    assert (ring.first, ring.last) == (128, 130)
    assert [frame.position for frame in ring.between(127, 130)] == [128, 129, 130]


def test_one_that_is_larger_than_all_may_keep_is_kept_alone() -> None:
    ring = filled(Ring(size=10, max_bytes=1), 5)
    assert (ring.first, ring.last) == (105, 105)


def test_it_can_begin_elsewhere() -> None:
    ring = filled(Ring(size=10))
    ring.begin(7)
    assert (ring.first, ring.last) == (8, 7)
