"""Which public keys does an issuer sign with at the moment?"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from events.refusals import Unavailable
from gateway.signatures import PUBLIC, Header

LIFE = 600.0  # seconds, after which they are asked for again
REST = 30.0  # at least, between two times of asking
_LEAST_BITS = 2048
_log = logging.getLogger(__name__)


class PublicKey(NamedTuple):
    kid: str | None
    algorithm: str
    key: Any


class KeySet:
    """Kept, and asked for anew when they are old or a token names one that is not there; those
    that are known serve on while nobody answers."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Sequence[PublicKey] | None = None
        self._got_at = self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def fitting(self, header: Header) -> Sequence[Any]:
        """Raises `Unavailable` while they have never been had."""
        if header.algorithm not in PUBLIC:
            return []
        if self._is_due(header):
            async with self._asking:  # who comes meanwhile waits for the same answer
                if self._is_due(header):
                    await self._ask()
        if self._keys is None:
            raise Unavailable("the keys of the token's issuer are not to be had", retry_after=REST)
        return self._known(header)

    def _is_due(self, header: Header) -> bool:
        now = self._clock()
        wanted = now - self._got_at > LIFE or not self._known(header)
        return wanted and now - self._asked_at > REST

    def _known(self, header: Header) -> Sequence[Any]:
        """A token that names no key may be signed by any."""
        return [
            each.key
            for each in self._keys or ()
            if each.algorithm == header.algorithm and header.kid in (None, each.kid)
        ]

    async def _ask(self) -> None:
        try:
            self._keys = list(keys_in(await self._fetch()))
            self._got_at = self._clock()
        except Exception as error:
            _log.warning("the keys of an issuer are not to be had: %s", error)
        finally:
            self._asked_at = self._clock()


def keys_in(document: bytes) -> Iterator[PublicKey]:
    """Those that we can verify by; each is good for its own algorithm alone. Raises `ValueError`
    for what is no set of keys."""
    try:
        found = json.loads(document)["keys"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("this is no set of keys") from None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and (key := _key_of(each)):
            yield key


def _key_of(stated: dict[str, Any]) -> PublicKey | None:
    algorithm, kid = _algorithm_of(stated), stated.get("kid")
    others = stated.get("alg") not in (None, algorithm) or stated.get("use") not in (None, "sig")
    if algorithm is None or others or "d" in stated or not isinstance(kid, str | None):
        return None
    try:
        key = jwt.PyJWK(stated, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size < _LEAST_BITS:
        return None
    return PublicKey(kid, algorithm, key)


def _algorithm_of(stated: dict[str, Any]) -> str | None:
    match stated:
        case {"kty": "RSA"}:
            return "RS256"
        case {"kty": "EC", "crv": "P-256"}:
            return "ES256"
        case {"kty": "OKP", "crv": "Ed25519"}:
            return "EdDSA"
    return None
