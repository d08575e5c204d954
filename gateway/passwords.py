"""How passwords become hashes and are checked, without stopping anybody else."""

import asyncio
import base64
import hashlib
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import bcrypt

from events.refusals import Invalid, Unavailable
from gateway.old_passwords import old_check

T = TypeVar("T")

SCHEME = b"bcrypt-sha256$"
MAX_WAITING = 64


class Passwords:
    """bcrypt of base64(sha256(password)), so that length costs nothing and loses nothing.

    A stored value begins with its scheme, so hashes of older systems stand beside ours until who
    has one signs in: it is then hashed anew.
    bcrypt releases the GIL: a few threads hash while the loop serves.
    """

    def __init__(self, cost: int, *, max_bytes: int = 1024, max_waiting: int = MAX_WAITING) -> None:
        self._cost = cost
        self._max_bytes = max_bytes
        self._max_waiting = max_waiting
        self._waiting = 0
        self._dummy = SCHEME + b"$2b$%02d$" % cost + b"." * 53
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "passwords")

    async def hash(self, password: str, *, field: str = "password") -> bytes:
        """Raises `Invalid` naming `field`, or `Unavailable` when too many wait."""
        prehashed = self._prehashed(password, field)
        return await self._run(
            lambda: SCHEME + bcrypt.hashpw(prehashed, bcrypt.gensalt(self._cost))
        )

    async def check(self, password: str, stored: bytes | None, *, field: str = "password") -> bool:
        """False, after the same time, where nothing is stored."""
        prehashed = self._prehashed(password, field)
        known = stored or self._dummy
        if old := old_check(known):
            return await self._run(lambda: old(password))
        if not known.startswith(SCHEME):
            raise ValueError("a password is stored by a scheme that this version does not know")
        return await self._run(lambda: bcrypt.checkpw(prehashed, known.removeprefix(SCHEME)))

    def is_old(self, stored: bytes) -> bool:
        """Whether it is to be hashed anew once the password is at hand."""
        return not stored.startswith(SCHEME)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _prehashed(self, password: str, field: str) -> bytes:
        """The same word typed on two systems is the same bytes (RFC 8265, 4.2)."""
        text = unicodedata.normalize("NFC", password).encode()
        if len(text) > self._max_bytes:
            raise Invalid(f"must be at most {self._max_bytes} bytes", field=field)
        return base64.b64encode(hashlib.sha256(text).digest())

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise Unavailable("too many passwords are being checked; try again shortly")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
