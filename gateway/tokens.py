"""What tokens are made of: signed ones that open a request, opaque ones that renew a session.

A refresh token is base64url of session id (16 bytes) ‖ family (16) ‖ secret (32). `family` stays
for the session's life and `secret` is used once, so that any earlier token of the family, however
old, can be told from a guess. Of tokens only hashes are kept; the one that follows a used token
is kept too, but sealed under the used one, so that a client that lost the answer can ask again.
"""

import base64
import binascii
import hmac
import os
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, Self
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.envelope import Caller
from events.ids import quick
from events.sealing import derive, seal, unseal
from gateway.signatures import SHARED, Signed, Signer, demand, invalid, signed_by

OURS = "tasktrail"
_ID, _FAMILY, _SECRET = 16, 16, 32


class AccessTokens:
    """JWTs (RFC 7519) of an account (`sub`) and its session (`sid`)."""

    def __init__(self, secret_key: str, life: timedelta) -> None:
        self._key = secret_key.encode()
        self.life = life

    def sign(
        self,
        account: UUID,
        session: UUID,
        now: datetime,
        *,
        life: timedelta | None = None,
        dialect: str | None = None,
    ) -> str:
        """`dialect` names the older system whose clients it was issued to."""
        ends = now + (life or self.life)
        claims = {"sub": str(account), "sid": str(session), "iat": now, "exp": ends}
        if dialect is not None:
            claims["dialect"] = dialect
        return jwt.encode(claims, self._key, SHARED)

    @property
    def signer(self) -> Signer:
        return Signer(OURS, SHARED, self._key)

    def verify(self, token: str) -> tuple[Caller, float]:
        """Who it stands for and until when, in Unix seconds. Raises `Unauthenticated`."""
        return self.caller_in(signed_by([self.signer], token))

    def caller_in(self, signed: Signed) -> tuple[Caller, float]:
        """Ours are for nobody else (`aud`). Raises `Unauthenticated`."""
        demand(signed.claims, ("sub", "sid", "exp", "iat"))
        if "aud" in signed.claims:
            raise invalid("it is meant for somebody else")
        try:
            account, session = (quick(UUID(signed.claims[name])) for name in ("sub", "sid"))
        except (ValueError, TypeError, AttributeError):
            raise invalid("it names no account and session") from None
        return Caller(account=account, session=session), signed.expires


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """What is stored of a refresh token: hashes, and the sealed follower of the one before."""

    family: bytes
    current: bytes
    previous: bytes = b""
    follower: bytes = b""


class RefreshToken(msgspec.Struct, frozen=True):
    session: UUID
    family: bytes
    secret: bytes

    @classmethod
    def of(cls, session: UUID) -> Self:
        return cls(session, os.urandom(_FAMILY), os.urandom(_SECRET))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        try:
            found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        if len(found) != _ID + _FAMILY + _SECRET:
            return None
        return cls(UUID(bytes=found[:_ID]), found[_ID:-_SECRET], found[-_SECRET:])

    def next(self) -> Self:
        return type(self)(self.session, self.family, os.urandom(_SECRET))

    @property
    def raw(self) -> bytes:
        return self.session.bytes + self.family + self.secret

    @property
    def text(self) -> str:
        return base64.urlsafe_b64encode(self.raw).rstrip(b"=").decode()

    def kept(self, used: Self | None = None) -> bytes:
        """What to store when this is given out, in exchange for `used`."""
        kept = Kept(_hash(self.family), _hash(self.raw))
        if used is not None:
            follower = seal(_key_of(used), self.secret, self.session.bytes)
            kept = Kept(kept.family, kept.current, _hash(used.raw), follower)
        return msgspec.msgpack.encode(kept)

    def compared(self, stored: bytes) -> Literal["current", "previous", "older", "unknown"]:
        kept = msgspec.msgpack.decode(stored, type=Kept)
        own = _hash(self.raw)
        if hmac.compare_digest(own, kept.current):
            return "current"
        if hmac.compare_digest(own, kept.previous):
            return "previous"
        family = _hash(self.family)
        return "older" if hmac.compare_digest(family, kept.family) else "unknown"

    def follower(self, stored: bytes) -> Self:
        """The token that was given out for this one, which is the one before the current."""
        kept = msgspec.msgpack.decode(stored, type=Kept)
        secret = unseal(_key_of(self), kept.follower, self.session.bytes)
        return type(self)(self.session, self.family, secret)


def _hash(value: bytes) -> bytes:
    return sha256(value).digest()


def _key_of(token: RefreshToken) -> AESGCM:
    return AESGCM(derive(token.raw, "follower"))
