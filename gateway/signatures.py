"""Who signed a token, and is it good now? All pure: keys in, claims out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import jwt

from events.refusals import Unauthenticated

SHARED = "HS256"
# What keys of others may be, each for its own algorithm: so that a public key is never a secret.
PUBLIC = ("RS256", "ES256", "EdDSA")
MAX_TOKEN = 8 << 10
Claims = Mapping[str, Any]

# PyJWT lets through what odd JSON raises by itself.
_BAD = (
    jwt.InvalidTokenError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class Header(NamedTuple):
    algorithm: str
    kid: str | None


class Signer(NamedTuple):
    """One key and whose it is. `issuer` and `audience` are checked if they are set."""

    name: str
    algorithm: str
    key: Any
    issuer: str | None = None
    audience: str | None = None


class Signed(NamedTuple):
    name: str
    claims: Claims

    @property
    def expires(self) -> float:
        try:
            return float(self.claims.get("exp", "inf"))
        except OverflowError:  # a number that no clock gets to
            return float("inf")


def header_of(token: str) -> Header:
    """Nothing of it is to be believed yet. Raises `Unauthenticated`."""
    if len(token) > MAX_TOKEN:
        raise invalid("it is too long")
    try:
        header = jwt.get_unverified_header(token)
    except _BAD:
        raise invalid() from None
    # PyJWT knows one extension by itself; we know none, and `crit` demands that they are
    # understood (RFC 7515, 4.1.11).
    if "crit" in header:
        raise invalid("it has an extension that is not known here")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in (SHARED, *PUBLIC):
        raise invalid("its algorithm is not taken here")
    return Header(algorithm, kid if isinstance(kid, str) else None)


def signed_by(signers: Sequence[Signer], token: str) -> Signed:
    """By the first of them whose key fits. Raises `Unauthenticated`."""
    algorithm = header_of(token).algorithm
    for signer in signers:
        if signer.algorithm != algorithm:
            continue
        try:
            return Signed(signer.name, _claims(token, signer))
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError:
            raise Unauthenticated("the access token has expired", code="token-expired") from None
        except jwt.ImmatureSignatureError:
            raise invalid("it is not valid yet") from None
        except _BAD:
            raise invalid() from None
    raise invalid("nobody known here has signed it")


def demand(claims: Claims, names: Collection[str]) -> None:
    """Raises `Unauthenticated` where one of them is missing."""
    if any(claims.get(name) is None for name in names):
        raise invalid("it does not say enough")


def claims_in(token: str) -> Claims:
    """Of a token that was found good."""
    claims: Claims = jwt.decode(token, options={"verify_signature": False})
    return claims


def invalid(why: str = "it cannot be read") -> Unauthenticated:
    return Unauthenticated(f"the access token is not valid: {why}", code="token-invalid")


def _claims(token: str, signer: Signer) -> Claims:
    """`iat` in the future is a clock that is ahead, and no reason to refuse."""
    options: Any = {
        "verify_iat": False,
        "verify_aud": signer.audience is not None,
        "verify_iss": signer.issuer is not None,
    }
    claims: Claims = jwt.decode(
        token,
        signer.key,
        algorithms=[signer.algorithm],
        options=options,
        audience=signer.audience,
        issuer=signer.issuer,
    )
    return claims
