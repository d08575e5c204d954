"""The last events in memory, so that whoever was away for a moment costs no query."""

from collections import deque

from gateway.live.frames import EventFrame

SIZE = 10_000
MAX_BYTES = 32 << 20


class Ring:
    """Frames of consecutive positions, at most `size` of them and about `max_bytes`."""

    def __init__(self, size: int = SIZE, max_bytes: int = MAX_BYTES) -> None:
        self._size = size
        self._max_bytes = max_bytes
        self._bytes = 0
        self._slots: list[EventFrame | None] = [None] * size
        self._sizes: deque[int] = deque()  # the oldest first
        self.last = 0

    @property
    def first(self) -> int:
        """The oldest position in here; one after the last if there is none."""
        return self.last + 1 - len(self._sizes)

    def begin(self, position: int) -> None:
        """Empty, with `position + 1` to come next."""
        self._slots = [None] * self._size
        self._sizes.clear()
        self._bytes = 0
        self.last = position

    def append(self, frame: EventFrame) -> None:
        assert frame.position == self.last + 1, "positions have no holes"
        size = len(frame.wire)
        while self._sizes and (
            len(self._sizes) == self._size or self._bytes + size > self._max_bytes
        ):
            self._slots[self.first % self._size] = None
            self._bytes -= self._sizes.popleft()
        self._slots[frame.position % self._size] = frame
        self._sizes.append(size)
        self._bytes += size
        self.last = frame.position

    def between(self, after: int, up_to: int) -> list[EventFrame]:
        """Those with `after` < position ≤ `up_to`, all of which must be in here."""
        assert self.first <= after + 1, "what is older is in the store"
        assert up_to <= self.last, "what is newer is nowhere yet"
        slots, size = self._slots, self._size
        return [
            frame
            for position in range(after + 1, up_to + 1)
            if (frame := slots[position % size]) is not None
        ]
