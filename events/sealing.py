"""How bytes are sealed under a key, so that dropping the key erases them.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. Format 1: 0x01 ‖ nonce ‖ ciphertext ‖
tag. The associated data binds a sealed value to its place, so it cannot be moved elsewhere.
"""

import hashlib
import hmac
import os
from collections.abc import Callable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_NONCE = 12
KEY_BYTES = 32


class SealBroken(ValueError):
    """The bytes were changed, moved, or sealed under another key."""


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return _FORMAT + nonce + key.encrypt(nonce, plain, place)


def unseal(key: AESGCM, sealed: bytes, place: bytes) -> bytes:
    if sealed[:1] != _FORMAT:
        raise SealBroken(f"unknown seal format {sealed[:1].hex() or 'empty'}")
    try:
        return key.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place)
    except (InvalidTag, ValueError):  # the latter: cut short
        raise SealBroken("the seal does not fit its key or place") from None


def derive(master: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, so that the master key itself seals nothing."""
    return hmac.digest(master, purpose.encode(), hashlib.sha256)


def claim_keys(master: bytes) -> Callable[[str, str, UUID | None], bytes]:
    """How a unique value is looked up without standing anywhere: an HMAC of kind, scope, value."""
    key = derive(master, "claims")

    def claim_key(kind: str, value: str, scope: UUID | None) -> bytes:
        place = scope.bytes if scope else b""
        return hmac.digest(key, b"\0".join((kind.encode(), place, value.encode())), hashlib.sha256)

    return claim_key
