"""The JetStream stream of this log: a fan-out cache whose sequence is the log's position."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from nats.js.api import StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, BadRequestError, NotFoundError

from infra.feed import feed_subject, has_readers
from infra.nats import Nats

logger = logging.getLogger(__name__)

REPLAY = 10_000
_OVERLAP = 10065


class EventStream:
    """`max_age` in seconds; `max_age` and `max_bytes` are all that ever ends an event's stay."""

    def __init__(
        self,
        nats: Nats,
        log_id: UUID,
        *,
        prefix: str,
        max_age: float,
        max_bytes: int,
    ) -> None:
        self._nats = nats
        self._prefix = prefix
        self._own = prefix.replace(".", "_").upper() + "-"
        self.name = f"{self._own}{log_id}"
        self.subjects = [f"{prefix}.events.>"]
        self._limits: dict[str, Any] = {"max_age": max_age, "max_bytes": max_bytes}

    async def prepare(self, head: Callable[[], Awaitable[int]]) -> int:
        """Make the stream fit the log; the position that it has reached.

        `head` is asked after the stream, so that a stream found ahead of it is ahead indeed.
        """
        try:
            info = await self._nats.jetstream.stream_info(self.name)
        except NotFoundError:
            first = max(1, await head() + 1 - REPLAY)
            position = await self._make(first)
            logger.warning("made the stream %s, from position %d on", self.name, first)
            return position
        position = await head()
        if info.state.last_seq > position:
            logger.error(
                "the stream %s has reached %d but the log only %d: what it holds beyond that "
                "never happened; deleting it and making it again",
                self.name,
                info.state.last_seq,
                position,
            )
            await self._nats.jetstream.delete_stream(self.name)
            return await self._make(position + 1)
        await self._fit(info)
        return info.state.last_seq

    async def make_again(self, head: int) -> int:
        """For a stream that answers but stores nothing, as after a full disk: NATS does not open
        such a stream's file again before it is restarted. The position that it then has."""
        logger.error("the stream %s stores nothing more: deleting it, making it again", self.name)
        await self._nats.jetstream.delete_stream(self.name)
        return await self._make(max(1, head + 1 - REPLAY))

    async def last_position(self) -> int | None:
        """What the stream has reached; None if it is not there."""
        try:
            info = await self._nats.jetstream.stream_info(self.name)
        except NotFoundError:
            return None
        return info.state.last_seq

    async def _make(self, first: int) -> int:
        config = StreamConfig(
            name=self.name,
            subjects=self.subjects,
            storage=StorageType.FILE,
            deny_delete=True,
            first_seq=first,
            **self._limits,
        )
        try:
            info = await self._nats.jetstream.add_stream(config)
        except BadRequestError as error:
            if error.err_code != _OVERLAP:
                raise
            await self._retire_other_logs()
            info = await self._nats.jetstream.add_stream(config)
        return info.state.last_seq

    async def _fit(self, info: StreamInfo) -> None:
        """Limits given anew count for a stream that exists; on how many servers of a cluster it is
        kept is for those to say who run them."""
        if any(getattr(info.config, name) != value for name, value in self._limits.items()):
            logger.info("changing the limits of the stream %s to %s", self.name, self._limits)
            await self._nats.jetstream.update_stream(info.config.evolve(**self._limits))

    async def _retire_other_logs(self) -> None:
        """After a restore the log has a new id, and the old log's stream still has the subjects.
        It is only a cache, so it goes, unless somebody follows it: then two logs share a prefix."""
        for info in await self._nats.jetstream.streams_info():
            name = info.config.name or ""
            if name == self.name or not name.startswith(self._own):
                continue
            if info.config.subjects != self.subjects:
                continue  # of an installation whose prefix begins with ours
            feed = feed_subject(self._prefix, name.removeprefix(self._own))
            if info.state.consumer_count or await has_readers(self._nats, feed):
                raise APIError(
                    description=f"the stream {name} of another log has the subjects "
                    f"{self.subjects[0]} and is followed: delete it, or give one of the two "
                    "installations another subject prefix"
                )
            logger.error("deleting the stream %s: its log is not this one any more", name)
            await self._nats.jetstream.delete_stream(name)
