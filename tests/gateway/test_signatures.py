"""Whose signature a token bears, and what makes it no good."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from events.refusals import Unauthenticated
from gateway.signatures import (
    MAX_TOKEN,
    Header,
    Signer,
    claims_in,
    demand,
    header_of,
    signed_by,
)
from tests.support.issuers import signing_key
from tests.support.todo import signed

SECRET = "a secret that two servers share, and nobody else"
RSA, EC, EDDSA = signing_key("RS256"), signing_key("ES256"), signing_key("EdDSA")
SHARED = Signer("shared", "HS256", SECRET.encode())
PUBLIC = [Signer("public", key.algorithm, key.private.public_key()) for key in (RSA, EC, EDDSA)]
CLAIMS = {"sub": "ada", "exp": int(time.time()) + 600}


def refusal(token: str, *signers: Signer) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as refused:
        signed_by(signers or [SHARED, *PUBLIC], token)
    return refused.value


def part(content: Any) -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def forged(header: Any, claims: Any = CLAIMS, signature: bytes = b"") -> str:
    return b".".join((part(header), part(claims), part(signature))).decode()


def test_a_token_is_whose_key_fits() -> None:
    other = Signer("other", "HS256", b"another secret, which is as long as it")
    assert signed_by([other, SHARED], signed(CLAIMS, SECRET)).name == "shared"
    for key in (RSA, EC, EDDSA):
        found = signed_by([SHARED, *PUBLIC], key.signed(CLAIMS))
        assert (found.name, found.claims) == ("public", CLAIMS)
        assert found.expires == CLAIMS["exp"]


@pytest.mark.parametrize("claims", [{"sub": "ada"}, {"sub": "ada", "exp": 10**400}])
def test_a_token_without_an_end_lasts(claims: dict[str, Any]) -> None:
    assert signed_by([SHARED], signed(claims, SECRET)).expires == float("inf")


def test_for_whom_it_is_counts_where_that_is_asked() -> None:
    asking = SHARED._replace(issuer="https://id.example.org", audience="tasktrail")
    good = {**CLAIMS, "iss": "https://id.example.org", "aud": ["tasktrail", "other"]}
    assert signed_by([asking], signed(good, SECRET)).claims == good
    for name, value in (("iss", "https://id.example.com"), ("aud", "other")):
        assert refusal(signed({**good, name: value}, SECRET), asking).code == "token-invalid"
    assert signed_by([SHARED], signed({**good, "aud": "anybody"}, SECRET)).name == "shared"


def test_a_public_key_is_no_secret() -> None:
    """Anybody can sign by HS256 with what is published."""
    token = by_hand(CLAIMS, RSA.pem)
    assert refusal(token).code == "token-invalid"
    assert refusal(token, *PUBLIC).code == "token-invalid"


def test_a_key_is_good_for_its_own_algorithm_alone() -> None:
    wrong = Signer("public", "ES256", EC.private.public_key())
    assert refusal(RSA.signed(CLAIMS), wrong).code == "token-invalid"
    assert refusal(forged({"alg": "ES256"}, CLAIMS, b"x" * 64), *PUBLIC).code == "token-invalid"


def test_an_old_token_says_so() -> None:
    assert refusal(signed({**CLAIMS, "exp": 1}, SECRET)).code == "token-expired"
    assert refusal(EDDSA.signed({**CLAIMS, "exp": 1})).code == "token-expired"


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": 1 << 40},
        {"exp": None},
        {"exp": []},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"sub": 7},
    ],
)
def test_what_the_claims_say_must_make_sense(claims: dict[str, Any]) -> None:
    token = by_hand({**CLAIMS, **claims})
    assert refusal(token).code == "token-invalid"


def test_a_clock_that_is_ahead_is_no_fault() -> None:
    assert signed_by([SHARED], signed({**CLAIMS, "iat": int(time.time()) + 900}, SECRET))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "a.b.c",
        "ä.b.c",
        "\ud800",
        forged({"alg": "none"}),
        forged({"alg": "None"}),
        forged({"typ": "JWT"}),
        forged({"alg": ["HS256"]}),
        forged({"alg": "HS256", "kid": 7}),
        forged({"alg": "HS512"}),
        forged(b"[" * 5_000),
        forged([]),
        forged({"alg": "HS256"}),
        signed(CLAIMS, SECRET, headers={"crit": ["exp"]}),
        signed(CLAIMS, SECRET, headers={"crit": []}),
        signed(CLAIMS, SECRET)[:-2],
        signed(CLAIMS, "another secret, which nobody here knows"),
        signed({**CLAIMS, "padding": "x" * MAX_TOKEN}, SECRET),
    ],
)
def test_what_is_no_good_token_is_refused(token: str) -> None:
    assert refusal(token).code == "token-invalid"


def test_a_header_says_which_key_is_meant() -> None:
    assert header_of(RSA.signed(CLAIMS)) == Header("RS256", "first")
    assert header_of(signed(CLAIMS, SECRET)) == Header("HS256", None)


def test_claims_are_demanded_by_name() -> None:
    demand(CLAIMS, ("sub", "exp"))
    with pytest.raises(Unauthenticated):
        demand(CLAIMS, ("sub", "iat"))
    assert claims_in(signed(CLAIMS, SECRET)) == CLAIMS


def by_hand(claims: dict[str, Any], secret: bytes = SECRET.encode()) -> str:
    """What no library would sign."""
    said = part({"alg": "HS256", "kid": "first"}) + b"." + part(claims)
    mac = hmac.new(secret, said, hashlib.sha256).digest()
    return (said + b"." + part(mac)).decode()
