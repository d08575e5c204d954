"""Is this the password, by a hash that an older system made?

What an importer keeps begins with our name for its scheme: `bcrypt$` before bcrypt's own text,
made of the password's first 72 bytes; `pbkdf2_sha256$` before passlib's.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable

import bcrypt

BCRYPT_BYTES = 72


def old_check(stored: bytes) -> Callable[[str], bool] | None:
    """None for a scheme of our own, or of nobody that we know."""
    scheme, _, kept = stored.partition(b"$")
    check = _CHECKS.get(scheme)
    return None if check is None else lambda password: check(password.encode(), kept)


def bcrypt_check(password: bytes, kept: bytes) -> bool:
    """PHP's name for the same thing, 2y, is not bcrypt's."""
    known = b"$2b$" + kept.removeprefix(b"$2y$") if kept.startswith(b"$2y$") else kept
    try:
        return bcrypt.checkpw(password[:BCRYPT_BYTES], known)
    except ValueError:  # no bcrypt would have taken this password, such as one with a NUL
        return False


def pbkdf2_check(password: bytes, kept: bytes) -> bool:
    """`$pbkdf2-sha256$<rounds>$<salt>$<digest>`, in passlib's base64 with . for +."""
    try:
        _, _, rounds, salt, digest = kept.split(b"$")
        wanted = _from_base64(digest)
        found = hashlib.pbkdf2_hmac("sha256", password, _from_base64(salt), int(rounds))
    except (ValueError, binascii.Error, OverflowError):
        return False
    return hmac.compare_digest(found, wanted)


def _from_base64(text: bytes) -> bytes:
    padded = text.replace(b".", b"+") + b"=" * (-len(text) % 4)
    return base64.b64decode(padded, validate=True)


_CHECKS = {b"bcrypt": bcrypt_check, b"pbkdf2_sha256": pbkdf2_check}
