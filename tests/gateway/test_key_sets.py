"""Which keys an issuer signs with at the moment, and how often it is asked."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from events.refusals import Unavailable
from gateway.key_sets import LIFE, REST, KeySet, keys_in
from gateway.signatures import Header
from tests.support.issuers import SigningKey, key_set, signing_key

FIRST, SECOND = signing_key("EdDSA", "first"), signing_key("EdDSA", "second")
RSA = signing_key("RS256", "rsa")


@dataclass
class Issuer:
    """Answers what it is told to, or nothing, and keeps the time."""

    content: bytes = field(default_factory=lambda: key_set(FIRST))
    away: bool = False
    asked: int = 0
    now: float = 1_000.0

    async def fetch(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise ConnectionError("nobody answers")
        return self.content

    def keys(self) -> KeySet:
        return KeySet(self.fetch, clock=lambda: self.now)


def header(key: SigningKey, kid: str | None = "") -> Header:
    return Header(key.algorithm, key.kid if kid == "" else kid)


async def test_keys_are_asked_for_once() -> None:
    issuer = Issuer()
    keys = issuer.keys()
    for _ in range(3):
        assert len(await keys.fitting(header(FIRST))) == 1
    assert issuer.asked == 1


async def test_who_asks_at_the_same_time_waits_for_the_same_answer() -> None:
    issuer = Issuer()
    keys = issuer.keys()
    found = await asyncio.gather(*(keys.fitting(header(FIRST)) for _ in range(20)))
    assert [len(each) for each in found] == [1] * 20
    assert issuer.asked == 1


async def test_an_unknown_key_is_asked_for_but_not_all_the_time() -> None:
    issuer = Issuer()
    keys = issuer.keys()
    await keys.fitting(header(FIRST))
    issuer.content = key_set(FIRST, SECOND)
    assert await keys.fitting(header(SECOND)) == []
    assert issuer.asked == 1
    issuer.now += REST + 1
    assert len(await keys.fitting(header(SECOND))) == 1
    assert len(await keys.fitting(header(FIRST))) == 1
    assert issuer.asked == 2
    for _ in range(100):
        assert await keys.fitting(Header("EdDSA", "made up")) == []
    assert issuer.asked == 2


async def test_old_keys_are_asked_for_again_and_serve_on_meanwhile() -> None:
    issuer = Issuer()
    keys = issuer.keys()
    await keys.fitting(header(FIRST))
    issuer.now, issuer.away = issuer.now + LIFE + 1, True
    assert len(await keys.fitting(header(FIRST))) == 1
    assert issuer.asked == 2
    issuer.now, issuer.away, issuer.content = issuer.now + REST + 1, False, key_set(SECOND)
    assert await keys.fitting(header(FIRST)) == []
    assert issuer.asked == 3


async def test_an_issuer_that_never_answered_is_not_the_tokens_fault() -> None:
    issuer = Issuer(away=True)
    keys = issuer.keys()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await keys.fitting(header(FIRST))
    assert issuer.asked == 1
    issuer.now, issuer.away = issuer.now + REST + 1, False
    assert len(await keys.fitting(header(FIRST))) == 1


async def test_nobody_is_asked_about_a_shared_secret() -> None:
    issuer = Issuer(away=True)
    assert await issuer.keys().fitting(Header("HS256", "first")) == []
    assert issuer.asked == 0


async def test_a_token_that_names_no_key_may_be_signed_by_any_of_its_kind() -> None:
    issuer = Issuer(key_set(FIRST, SECOND, RSA))
    keys = issuer.keys()
    assert len(await keys.fitting(header(FIRST, None))) == 2
    assert len(await keys.fitting(header(RSA, None))) == 1
    assert await keys.fitting(Header("RS256", "first")) == []


async def test_what_is_no_set_of_keys_changes_nothing() -> None:
    issuer = Issuer()
    keys = issuer.keys()
    await keys.fitting(header(FIRST))
    issuer.now, issuer.content = issuer.now + LIFE + 1, b"<html>"
    assert len(await keys.fitting(header(FIRST))) == 1


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 100_000])
def test_a_set_of_keys_is_an_object_with_keys(document: bytes) -> None:
    with pytest.raises(ValueError, match="no set of keys"):
        list(keys_in(document))


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "dsa"},
        {"kty": ["OKP"]},
        {"crv": "secp256k1"},
        {"crv": None},
        {"crv": {}},
        {"use": "enc"},
        {"alg": "HS256"},
        {"x": "short"},
        {"d": "c2VjcmV0"},
        {"kid": 7},
    ],
)
def test_a_key_that_is_not_for_this_is_passed_over(changes: dict[str, Any]) -> None:
    odd = {**FIRST.jwk, **changes}
    document = json.dumps({"keys": [odd, "nothing", SECOND.jwk]}).encode()
    assert [key.kid for key in keys_in(document)] == ["second"]


def test_each_kind_of_key_has_its_algorithm() -> None:
    elliptic = signing_key("ES256", "ec")
    found = {key.kid: key.algorithm for key in keys_in(key_set(FIRST, RSA, elliptic))}
    assert found == {"first": "EdDSA", "rsa": "RS256", "ec": "ES256"}
    assert len(list(keys_in(key_set(FIRST, RSA, elliptic, use="sig")))) == 3


def test_a_short_rsa_key_is_no_key() -> None:

    weak = SigningKey("RS256", "weak", rsa.generate_private_key(65537, 1024))
    assert list(keys_in(key_set(weak))) == []
